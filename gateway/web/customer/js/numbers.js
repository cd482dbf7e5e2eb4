// Public numbers: as people type them, and whether one was typed rightly, before anybody is asked.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY";
const TYPED = "OILZUАВСЕНКМОРТХУІЗΑΒΕΗΚΜΝΟΡΤΧΥΖΙ"; // Latin, Cyrillic, Greek: letters that look like others
const MEANT = "0112VABCEHKM0PTXY13ABEHKMN0PTXY21";

/**
 * The number of that kind that somebody typed, as we write it; "" for what is none. Case, blanks, dashes and other marks
 * count for nothing, the prefix may be left out, and the check character must fit: any one wrong or two swapped are noticed.
 */
export function folded(text, prefix) {
  const typed = [...text.slice(0, 100).normalize("NFKC").toUpperCase()].map((char) => digit(meant(char)));
  if (typed.some((char) => /[\p{L}\p{N}]/u.test(char) && !ALPHABET.includes(char))) return "";
  let chars = typed.filter((char) => ALPHABET.includes(char)).join("");
  const start = [...prefix].map(meant).join("");
  if (chars.length === start.length + 9 && chars.startsWith(start)) chars = chars.slice(start.length);
  return chars.length === 9 && chars[8] === check(prefix, chars.slice(0, 8))
    ? `${prefix}-${chars.slice(0, 4)}-${chars.slice(4, 8)}-${chars[8]}` : "";
}

function meant(char) {
  const place = TYPED.indexOf(char);
  return place < 0 ? char : MEANT[place];
}

/** A digit of any writing system as 0 to 9: each has its ten in a row. */
function digit(char) {
  if (!/\p{Nd}/u.test(char)) return char;
  const code = char.codePointAt(0);
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value);
}

function check(prefix, chars) {
  const values = [...prefix].map((char) => char.charCodeAt(0)).concat([...chars].map((char) => ALPHABET.indexOf(char)));
  return ALPHABET[values.reduce((sum, value, index) => sum + value * (index + 1), 0) % 31];
}
