// A number as a bar code that every scanner reads (Code 39): digits, capital letters, "-", "." and blanks.

import { html, svg, t } from "./parts.js";

const WIDE = 2.5;
const CODES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. *";
/** For each sign, which of its nine bars and gaps are wide, as 0 and 1, bar first. */
const PATTERNS = [
  "000110100", "100100001", "001100001", "101100000", "000110001", "100110000", "001110000", "000100101", "100100100", "001100100",
  "100001001", "001001001", "101001000", "000011001", "100011000", "001011000", "000001101", "100001100", "001001100", "000011100",
  "100000011", "001000011", "101000010", "000010011", "100010010", "001010010", "000000111", "100000110", "001000110", "000010110",
  "110000001", "011000001", "111000000", "010010001", "110010000", "011010000", "010000101", "110000100", "011000100", "010010100",
];

/** The widths of bars and gaps in turn, beginning with a bar. TypeError for a sign that the code does not have. */
export function widths(text) {
  return [...`*${text.toUpperCase()}*`].flatMap((sign, at) => {
    const pattern = PATTERNS[CODES.indexOf(sign)];
    if (!pattern) throw new TypeError(`a bar code has no ${sign}`);
    return [...(at ? [1] : []), ...[...pattern].map((wide) => (wide === "1" ? WIDE : 1))];
  });
}

export function barcode(text) {
  let x = 0;
  const bars = widths(text).map((width, at) => {
    x += width;
    return at % 2 ? null : svg`<rect x=${x - width} width=${width} height="40"/>`;
  });
  return html`<svg class="barcode" viewBox="0 0 ${x} 40" preserveAspectRatio="none" role="img" aria-label=${t("Bar code of {text}", { text })}>${bars}</svg>`;
}
