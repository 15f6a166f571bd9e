/** At a border more than one grid may answer. Pure. */

/** A neighbour is offered above this chance; the server takes no choice of one below it. */
const WORTH_ASKING = 0.1;
const MICRO = 2;

/**
 * The grids that may answer here: the one that covers the place, then the others of its net that
 * answer for ground of their own: dedicated ones, and of the rest those of the deepest level.
 * @param {{grids: object[], neighbours: object[]}} answer of /locate
 * @returns {object[]} likeliest first
 */
export function choicesOf({grids, neighbours}) {
  const own = grids.find(({answers}) => answers) ?? grids[0];
  if (!own) return [];
  const level = isDedicated(own) ? MICRO : own.level;
  const answering = [...grids, ...neighbours].filter(grid => grid !== own && grid.net === own.net && (isDedicated(grid) || grid.level === level));
  return [own, ...answering.filter(({chance}) => chance > WORTH_ASKING)].sort((a, b) => (b.chance ?? 1) - (a.chance ?? 1));
}

const isDedicated = ({kind}) => kind === 'dedicated';
