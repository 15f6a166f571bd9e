/** Which cases wait to be dispatched, by their procedures. Pure. */

/**
 * The steps from which a procedure dispatches.
 * @param {{code: string, definition: {steps: {code: string, stage: string}[], moves: {effect: string, from: string[], to: string | null}[]}}[]} procedures every edition
 * @returns {{procedure: string, step: string}[]} each pair once
 */
export function waitingSteps(procedures) {
  const pairs = procedures.flatMap(({code, definition}) => definition.moves.filter(({effect}) => effect === 'assign')
    .flatMap(({from, to}) => from.filter(step => step !== '*' && step !== to).map(step => ({procedure: code, step}))));
  return pairs.filter(({procedure, step}, index) => pairs.findIndex(pair => pair.procedure === procedure && pair.step === step) === index);
}

/** @param {object[]} cases as GeoJSON @returns {object[]} those reported first before the others */
export const oldestFirst = cases => [...cases].sort((a, b) => Date.parse(a.properties.reported_at) - Date.parse(b.properties.reported_at) || a.id - b.id);

/**
 * The case to open next: the oldest, or the one after the case at hand while that still waits.
 * @param {{id: number}[]} cases oldest first @param {number | null} present the id of the open case
 * @returns {{id: number} | undefined}
 */
export function nextOf(cases, present) {
  const at = cases.findIndex(({id}) => id === present);
  return cases[(at + 1) % Math.max(1, cases.length)];
}
