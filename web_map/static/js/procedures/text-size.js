/** How wide words are, near enough to leave room for them before they are drawn. Pure. */

const WIDE = /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]/;
/** Shares of the font size; Latin letters vary, and 0.58 is above the mean of common sans fonts. */
const LATIN_SHARE = 0.58;

/** @param {string} text @param {number} px font size @returns {number} CSS pixels */
export const widthOf = (text, px) => [...text].reduce((sum, one) => sum + (WIDE.test(one) ? px : px * LATIN_SHARE), 0);

/**
 * Break a list of words into lines that are not wider than so many pixels; one that is wider by itself stays whole.
 * @param {string[]} words
 * @param {{px: number, most: number, between: string}} how
 * @returns {string[]}
 */
export function linesOf(words, {px, most, between}) {
  const lines = [];
  for (const word of words) {
    const longer = lines.length ? `${lines.at(-1)}${between}${word}` : word;
    if (lines.length && widthOf(longer, px) <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
