/** Areas: a village's name while its grids are still unnamed. */

const WORDS = [12, 14];

/** @param {{name: string}} properties @param {number} zoom */
export function labelOf({name}, zoom) {
  return name && zoom >= WORDS[0] && zoom < WORDS[1] ? {text: name, size: 15, weight: 600, rank: 0} : null;
}
