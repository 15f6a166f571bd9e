/** At a border more than one grid may answer. Pure. */

/** A neighbour below this chance is not offered. */
const WORTH_ASKING = 0.05;

/**
 * The grids that may answer here: the one that covers the place, then its neighbours in the same net and level.
 * @param {{grids: object[], neighbours: object[]}} answer of /locate
 * @returns {object[]} likeliest first
 */
export function choicesOf({grids, neighbours}) {
  const own = grids.find(({answers}) => answers) ?? grids[0];
  if (!own) return [];
  const near = neighbours.filter(({net, level, chance}) => net === own.net && level === own.level && chance >= WORTH_ASKING);
  return [own, ...near].sort((a, b) => (b.chance ?? 1) - (a.chance ?? 1));
}
