/** What somebody else changed in a case between two looks at it. Pure. */

const WATCHED = ['step', 'level', 'unit', 'post', 'stage', 'due_at', 'step_due_at', 'grid_code', 'category', 'severity', 'supervised', 'duplicate_of', 'asked_until', 'rating'];

/**
 * @param {{properties: object}} before @param {{properties: object}} after
 * @returns {{name: string, from: unknown, to: unknown}[]}
 */
export function changesBetween({properties: before}, {properties: after}) {
  const changed = WATCHED.filter(name => (before[name] ?? null) !== (after[name] ?? null));
  const told = changed.includes('step') ? changed.filter(name => name !== 'stage') : changed;
  return told.map(name => ({name, from: before[name] ?? null, to: after[name] ?? null}));
}
