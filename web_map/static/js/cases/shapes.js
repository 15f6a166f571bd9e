/** Severity as a shape: 1 triangle, 2 diamond, 3 square, 4 circle, each smaller than the one before. Pure. */

const CIRCLE = Array.from({length: 24}, (_, k) => [Math.cos(k * Math.PI / 12), Math.sin(k * Math.PI / 12)]);
const SHAPES = {
  1: {radius: 11, points: [[0, -1], [0.95, 0.72], [-0.95, 0.72]]},
  2: {radius: 10, points: [[0, -1], [1, 0], [0, 1], [-1, 0]]},
  3: {radius: 7.5, points: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]]},
  4: {radius: 6.5, points: CIRCLE},
};

/** Stages of a live case in the order that rings and legends show them. */
export const STAGES = ['reported', 'accepted', 'handling', 'closed'];

/** @param {number} severity 1 (highest) to 4 @returns {number} radius in CSS pixels */
export const radiusOf = severity => (SHAPES[severity] ?? SHAPES[4]).radius;

/** @param {number} severity @returns {[number, number][]} corners around (0, 0), in CSS pixels */
export function cornersOf(severity) {
  const {radius, points} = SHAPES[severity] ?? SHAPES[4];
  return points.map(([x, y]) => [x * radius, y * radius]);
}

/** @param {number} n cases in a cluster @returns {number} its radius in CSS pixels, by the digits to hold */
export const clusterRadius = n => 12 + 4 * Math.min(4, Math.floor(Math.log10(n)));

/**
 * Shares of a ring, clockwise from the top.
 * @param {number[]} counts
 * @returns {{from: number, to: number, index: number}[]} radians; empty counts are left out
 */
export function ringShares(counts) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let angle = -Math.PI / 2;
  const shares = counts.map((count, index) => {
    const from = angle;
    angle += total ? 2 * Math.PI * count / total : 0;
    return {from, to: angle, index};
  });
  return shares.filter(({from, to}) => to > from);
}
