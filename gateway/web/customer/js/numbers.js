// Public numbers: what they look like, and whether one was typed rightly, before anybody is asked.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY";
const SHAPE = /^[A-Z]{3}-[0-9A-HJKMNP-TV-Y]{4}-[0-9A-HJKMNP-TV-Y]{4}-[0-9A-HJKMNP-TV-Y]$/;

/** What was typed, as we write it: upper case, without spaces; dashes of any kind are plain ones. */
export const tidied = (text) => text.trim().toUpperCase().replace(/\s+/g, "").replace(/[‐-―−]/g, "-");

/** Whether `text` is a number of that kind whose check character fits: any one wrong or two swapped are noticed. */
export function isNumber(text, prefix) {
  if (!SHAPE.test(text) || !text.startsWith(`${prefix}-`)) return false;
  const values = [...prefix].map((char) => char.charCodeAt(0)).concat([...(text.slice(4, 8) + text.slice(9, 13))].map((char) => ALPHABET.indexOf(char)));
  return ALPHABET[values.reduce((sum, value, index) => sum + value * (index + 1), 0) % 31] === text.at(-1);
}
