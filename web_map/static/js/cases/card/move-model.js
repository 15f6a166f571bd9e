/** What a move asks for, and what is sent for it. Pure. */

/** Effects by which a case is given to a unit or a post. */
const GIVES = ['assign', 'reassign'];
/** What a form may ask for. */
const ASKED = ['unit', 'post', 'reason', 'rating', 'until', 'photo', 'evidence', 'minutes', 'level'];

/** @param {{key?: string}} move @returns {string} the key that makes it, or ''; digits are for proposals */
export const keyOf = ({key}) => (key && /^[^\d\s/]$/.test(key) ? key.toLowerCase() : '');

/** The move that a proposal is taken by: to dispatch, or else to reassign. @param {object[]} moves @returns {object | undefined} */
export function givingMove(moves) {
  return GIVES.map(effect => moves.find(move => move.effect === effect && move.allowed)).find(Boolean);
}

/** @param {object[]} moves @returns {object | undefined} the move that dispatches, whether it is allowed or not */
export const dispatchMove = moves => moves.find(({effect}) => effect === 'assign');

/**
 * The fields that a move's form has: what it needs, and a level where it may reach several.
 * @param {{needs?: string[], levels?: string[], effect: string}} move
 * @returns {string[]}
 */
export function fieldsOf({needs = [], levels = []}) {
  return [...(levels.length > 1 ? ['level'] : []), ...needs];
}

/**
 * The body of a step.
 * @param {{code: string, levels?: string[]}} move
 * @param {Record<string, string>} typed by field
 * @param {(local: string) => string} instant a local time of the town as an ISO time
 */
export function stepBody({code, levels = []}, typed, instant) {
  const {photo, evidence, rating, until, ...plain} = Object.fromEntries(Object.entries(typed).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
  const proof = {...(photo ? {photos: photo.split(/[\s,，]+/).filter(Boolean)} : {}), ...(evidence ? {note: evidence} : {})};
  return {
    move: code,
    ...(levels.length === 1 ? {level: levels[0]} : {}),
    ...plain,
    ...(rating ? {rating: Number(rating)} : {}),
    ...(until ? {until: instant(until)} : {}),
    ...(Object.keys(proof).length ? {evidence: proof} : {}),
  };
}

/** The field that a refusal is about, or '' for the move as a whole. @param {string} [member] @param {string[]} [fields] of the open form; without one any field that a form may have */
export function refusedField(member, fields = ASKED) {
  const name = {photos: 'photo'}[member?.split('.').at(-1)] ?? member?.split('.')[0];
  return fields.includes(name) ? name : '';
}

/**
 * A local time of a zone, as `datetime-local` writes it, as an ISO time.
 * @param {string} local such as 2026-11-22T17:30 @param {string} timeZone
 */
export function instantOf(local, timeZone) {
  const asked = Date.parse(`${local.slice(0, 16)}:00Z`);
  const offset = at => Date.parse(`${wallTime(at, timeZone)}Z`) - at;
  return new Date(asked - offset(asked - offset(asked))).toISOString();
}

function wallTime(at, timeZone) {
  const clock = new Intl.DateTimeFormat('sv', {timeZone, dateStyle: 'short', timeStyle: 'medium'});
  return clock.format(new Date(at)).replace(' ', 'T');
}
