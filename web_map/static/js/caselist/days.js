/** Days of the town's zone as moments, and back. Pure. */
import {startOfDay} from '../format.js';

const HOUR_MS = 3600000;

/**
 * When a day begins in a zone.
 * @param {string} day as 2026-11-22 @param {string} timeZone @returns {string} ISO 8601, UTC
 */
export function beginOf(day, timeZone) {
  // Noon in UTC is the same day in every zone from −11:59 to +11:59; look from the noon of the zone itself.
  const noon = new Date(`${day}T12:00:00Z`);
  const near = [noon, new Date(noon.getTime() - 12 * HOUR_MS), new Date(noon.getTime() + 12 * HOUR_MS)];
  return startOfDay(near.find(moment => dayOf(moment, timeZone) === day), timeZone).toISOString();
}

/** When the day after begins: the end of a period that holds the whole day. @param {string} day @param {string} timeZone */
export const endOf = (day, timeZone) => beginOf(nextDay(day), timeZone);

/** @param {Date | string} moment @param {string} timeZone @returns {string} its day there, as 2026-11-22 */
export function dayOf(moment, timeZone) {
  const format = new Intl.DateTimeFormat('en', {timeZone, year: 'numeric', month: '2-digit', day: '2-digit'});
  const part = Object.fromEntries(format.formatToParts(new Date(moment)).map(({type, value}) => [type, value]));
  return `${part.year}-${part.month}-${part.day}`;
}

/** The last day of a period that ends at a moment, which itself is not in it. @param {string} moment @param {string} timeZone */
export const lastDayOf = (moment, timeZone) => dayOf(new Date(Date.parse(moment) - 1), timeZone);

function nextDay(day) {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}
