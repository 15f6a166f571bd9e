/** Which labels fit without touching each other. Pure. */

/** Free space kept around a label, in pixels. */
const MARGIN = 4;

/**
 * @template {{x: number, y: number, width: number, height: number, rank: number}} Label centred on x, y
 * @param {Label[]} labels
 * @returns {Label[]} those that fit, lower rank first
 */
export function fitting(labels) {
  const kept = [];
  for (const label of [...labels].sort((a, b) => a.rank - b.rank)) {
    if (!kept.some(other => touch(label, other))) kept.push(label);
  }
  return kept;
}

const touch = (a, b) =>
  2 * Math.abs(a.x - b.x) < a.width + b.width + 2 * MARGIN && 2 * Math.abs(a.y - b.y) < a.height + b.height + 2 * MARGIN;
