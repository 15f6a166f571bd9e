/** A procedure as its file says it, in one shape: steps in order, and moves from one step to one step. Pure. */

/** Effects that change the whistle level, whatever the step. */
const LEVEL_EFFECTS = ['raise', 'lower', 'command', 'call_up'];
const EVERY = '*';

/**
 * @typedef {object} Step
 * @property {string} code
 * @property {string} title
 * @property {string} [title_en]
 * @property {string} stage
 * @property {{amount: number | null, unit: string} | null} limit of the step; of the unit `case` it is that of the item
 * @property {boolean} final
 *
 * @typedef {object} Move one arrow: a move of the file from one of its steps
 * @property {string} code
 * @property {string} title
 * @property {string} [title_en]
 * @property {string} effect
 * @property {string} from
 * @property {string} to
 * @property {'on' | 'back' | 'stay' | 'level'} kind
 * @property {string[]} by
 * @property {string[]} needs
 */

/**
 * @param {object} definition {levels, steps, moves} of the procedure's file
 * @returns {{levels: object[], steps: Step[], moves: Move[]}}
 */
export function readDefinition({levels = [], steps = [], moves = []}) {
  const order = new Map(steps.map(({code}, index) => [code, index]));
  const open = steps.filter(({stage}) => stage !== 'closed').map(({code}) => code);
  return {
    levels,
    steps: steps.map(step => ({...step, limit: limitOf(step), final: Boolean(step.final)})),
    moves: moves.flatMap(move => sources(move, open).map(from => arrow(move, from, order))),
  };
}

const listOf = given => (given === undefined || given === null ? [] : [given].flat());

/** The steps that a move leaves from; `*` means every step at which a case is not closed. */
function sources({from}, open) {
  const named = listOf(from);
  return named.includes(EVERY) ? [...new Set([...open, ...named.filter(code => code !== EVERY)])] : named;
}

function arrow(move, from, order) {
  const to = move.to || from;
  return {...move, from, to, kind: kindOf(move.effect, order.get(to) - order.get(from)), by: listOf(move.by), needs: listOf(move.needs)};
}

function kindOf(effect, ahead) {
  if (LEVEL_EFFECTS.includes(effect)) return 'level';
  if (!ahead) return 'stay';
  return ahead > 0 ? 'on' : 'back';
}

const limitOf = ({limit, unit}) => (unit ? {amount: limit ?? null, unit} : null);
