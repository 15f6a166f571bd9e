/** Days as addresses write them (2026-11-22, in the town's zone), and the days of moments. Pure. */

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** @param {string} text @returns {boolean} */
export const isDay = text => DAY.test(text);

/** @param {Date | string} moment @param {string} timeZone @returns {string} its day there */
export function dayOf(moment, timeZone) {
  const format = new Intl.DateTimeFormat('en', {timeZone, year: 'numeric', month: '2-digit', day: '2-digit'});
  const part = Object.fromEntries(format.formatToParts(new Date(moment)).map(({type, value}) => [type, value]));
  return `${part.year}-${part.month}-${part.day}`;
}

/** @param {string} day @param {number} days @returns {string} the day so many later */
export function shifted(day, days) {
  const moved = new Date(`${day}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

/**
 * The day that a date field shows for a side of a period; the end itself is not in the period.
 * @param {'from' | 'to'} side @param {string | undefined} value a day or a moment @param {string} timeZone
 */
export function shownDay(side, value, timeZone) {
  if (!value || (!isDay(value) && Number.isNaN(Date.parse(value)))) return '';
  if (isDay(value)) return side === 'to' ? shifted(value, -1) : value;
  return dayOf(side === 'to' ? new Date(Date.parse(value) - 1) : value, timeZone);
}

/** What an address says for the day of a date field. @param {'from' | 'to'} side @param {string} day @returns {string | null} */
export const askedDay = (side, day) => (day ? shifted(day, side === 'to' ? 1 : 0) : null);
