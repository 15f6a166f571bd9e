/** The one filter of cases, as it stands in an address: the same names for lists, counts, tiles and figures. Pure. */

/** What can be asked, in the order that chips and addresses have. */
export const NAMES = Object.freeze([
  'figure', 'from', 'to', 'bbox', 'area', 'grid_code', 'category', 'class', 'severity', 'stage', 'overdue', 'live', 'located', 'since',
  'source', 'unit', 'post', 'procedure', 'step', 'level', 'q', 'as_of', 'last_case', 'ids', 'datetime', 'filter',
  'filter-lang', 'filter-crs', 'bbox-crs',
]);
/** Members that say how another is written: they go with it. */
const WRITING = {'filter-lang': 'filter', 'filter-crs': 'filter', 'bbox-crs': 'bbox'};
/** Members that say which time or state is meant; without any of them only live cases are. */
const OWN_TIME = ['figure', 'stage', 'live', 'since', 'from', 'to'];
/** Members that go with a figure: its period, the extent that it was counted for, and the moment that it is true for. */
const PERIOD = ['from', 'to', 'bbox', 'as_of', 'last_case'];

/** @param {string} search the part of an address after `?` @returns {Record<string, string>} */
export function readFilter(search) {
  const given = new URLSearchParams(search);
  return tidy(Object.fromEntries(NAMES.map(name => [name, given.get(name)])));
}

/** Write a filter into an address; what else stands there stays. @param {Record<string, string>} filter @param {string} search */
export function writeFilter(filter, search) {
  const all = new URLSearchParams(search);
  for (const name of NAMES) all.delete(name);
  for (const [name, value] of Object.entries(tidy(filter))) all.set(name, value);
  const text = all.toString();
  return text ? `?${text}` : '';
}

/** Only what is known and given, in order. @param {Record<string, unknown>} filter */
export function tidy(filter) {
  const given = name => filter[name] !== null && filter[name] !== undefined && filter[name] !== '';
  return Object.fromEntries(NAMES.filter(name => given(name) && given(WRITING[name] ?? name)).map(name => [name, String(filter[name])]));
}

/** The filter with some members changed; a figure takes its period along. @param {object} filter @param {object} patch null takes a member away */
export function changed(filter, patch) {
  const without = 'figure' in patch ? Object.fromEntries(PERIOD.map(name => [name, null])) : {};
  return tidy({...filter, ...without, ...patch});
}

/** What lists, counts and tiles are asked with. @param {Record<string, string>} filter */
export const queryOf = filter => (OWN_TIME.some(name => name in filter) ? {...filter} : {...filter, live: 'true'});

/** What figures are counted for: everything but which figure's rows are shown. @param {Record<string, string>} filter */
export function placeOf(filter) {
  return Object.fromEntries(Object.entries(filter).filter(([name]) => name !== 'figure' && !PERIOD.includes(name)));
}

/** @param {object} one @param {object} other @returns {boolean} */
export const same = (one, other) => JSON.stringify(tidy(one)) === JSON.stringify(tidy(other));

/** @param {string} name @returns {boolean} whether a member only says how another is written */
export const isWriting = name => name in WRITING;

/** The members that are shown as chips: a figure's period goes with it. @param {Record<string, string>} filter @returns {[string, string][]} */
export const chipsOf = filter => Object.entries(filter).filter(([name]) => !isWriting(name) && !('figure' in filter && PERIOD.includes(name)));
