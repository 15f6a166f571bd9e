/** What a report's figures are made of, and the address of the rows behind each. Pure. */
import {dayOf} from '../caselist/days.js';

/** Counts in the order that tables show them. */
export const COUNTS = ['filed', 'due', 'closed_due', 'on_time', 'overdue', 'closed', 'in_grid', 'returned', 'reworked', 'delayed', 'open'];

/** A rate with its numerator and denominator. */
export const RATES = [
  ['closing', 'closed_due', 'due'], ['on_time', 'on_time', 'due'], ['in_grid', 'in_grid', 'closed'],
  ['returned', 'returned', 'filed'], ['reworked', 'reworked', 'filed'], ['delayed', 'delayed', 'filed'],
];

/** What a report groups its cases by, and the member of the filter that picks a group. */
export const GROUPS = {area: 'area', department: 'unit', category: 'category', post: 'post'};

/**
 * The filter that a report counted: its area and its whole days, as of its moment.
 * @param {{area: string, starts_at: string, ends_at: string, as_of: string, last_case: number}} report
 * @param {string} timeZone of the town
 * @returns {Record<string, string>}
 */
export function frameOf({area, starts_at: from, ends_at: to, as_of: asOf, last_case: lastCase}, timeZone) {
  return {area, from: dayOf(from, timeZone), to: dayOf(to, timeZone), as_of: inUtc(asOf), last_case: String(lastCase)};
}

/** A plus sign in an address means a space: times there end with Z. */
export const inUtc = moment => new Date(moment).toISOString();

/** @param {string} figure @param {Record<string, string>} frame @param {Record<string, string>} [own] of the group @returns {string} the list of exactly the rows that it counts */
export const rowsOf = (figure, frame, own = {}) => `/cases?${new URLSearchParams({figure, ...frame, ...own})}`;

/** @param {number | null} rate parts of 1 @returns {number} how much of a bar it fills */
export const shareOf = rate => Math.min(1, Math.max(0, rate ?? 0));
