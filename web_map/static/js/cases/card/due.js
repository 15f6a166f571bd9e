/** How much of a limit is left. Pure. */

const MINUTE_MS = 60000;
const UNITS = [['day', 1440], ['hour', 60], ['minute', 1]];

/**
 * The two largest units of a length of time, such as 1 day 3 hours.
 * @param {number} ms @returns {[string, number][]}
 */
export function spanOf(ms) {
  let minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  const first = UNITS.findIndex(([, size]) => minutes >= size);
  if (first < 0) return [['minute', 0]];
  return UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(minutes / size);
    minutes -= count * size;
    return [unit, count];
  }).filter(([, count]) => count);
}

/**
 * @param {{due_at?: string | null, closed_at?: string | null, paused_h?: number | null}} properties
 * @param {number} now milliseconds
 * @returns {{state: 'left' | 'over' | 'kept' | 'missed' | 'paused', ms: number} | null}
 */
export function limitOf({due_at: dueAt, closed_at: closedAt, paused_h: pausedH}, now) {
  if (!dueAt) return null;
  if (!closedAt && typeof pausedH === 'number') return {state: 'paused', ms: pausedH * 60 * MINUTE_MS};
  const left = Date.parse(dueAt) - (closedAt ? Date.parse(closedAt) : now);
  if (closedAt) return {state: left >= 0 ? 'kept' : 'missed', ms: Math.abs(left)};
  return {state: left > 0 ? 'left' : 'over', ms: Math.abs(left)};
}
