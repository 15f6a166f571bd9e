/** Chances as whole per cents that sum to 100. Pure. */

/**
 * Round by the largest remainder.
 * @param {number[]} chances of what may be; scaled so that they sum to one
 * @returns {number[]} whole per cents
 */
export function percents(chances) {
  const total = chances.reduce((sum, chance) => sum + chance, 0);
  if (!(total > 0)) return chances.map(() => 0);
  const exact = chances.map(chance => 100 * chance / total);
  const whole = exact.map(Math.floor);
  const missing = 100 - whole.reduce((sum, value) => sum + value, 0);
  const byRemainder = exact.map((value, index) => [value - whole[index], index]).sort((a, b) => b[0] - a[0]);
  for (const [, index] of byRemainder.slice(0, missing)) whole[index] += 1;
  return whole;
}
