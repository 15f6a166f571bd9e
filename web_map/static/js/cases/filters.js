/** What part of the cases the wall shows: one filter, which stands in the address. */
import {changed, queryOf, readFilter, same, writeFilter} from './filter-object.js';

/** A figure of the wall → the rows behind it. */
const FIGURES = {
  today: since => ({figure: 'filed', from: since}),
  open: () => ({figure: 'open'}),
  overdue: () => ({figure: 'overdue'}),
  closed: () => ({figure: 'due'}),
  closed_due: () => ({figure: 'closed_due'}),
};

/** Fires `change`. */
export class Filters extends EventTarget {
  /** @param {() => Date} today when the town's present day began */
  constructor(today) {
    super();
    this.today = today;
    this.filter = readFilter(location.search);
    addEventListener('popstate', () => {
      const filter = readFilter(location.search);
      if (!same(filter, this.filter)) this.#use(filter);
    });
  }

  #use(filter) {
    this.filter = filter;
    this.dispatchEvent(new Event('change'));
  }

  /** Change some members; null takes one away. The former filter is a step back in the browser. @param {Record<string, string | null>} patch */
  set(patch) {
    const filter = changed(this.filter, patch);
    if (same(filter, this.filter)) return;
    history.pushState(null, '', `${location.pathname}${writeFilter(filter, location.search)}${location.hash}`);
    this.#use(filter);
  }

  /** Show everything again. */
  clear() {
    this.set(Object.fromEntries(Object.keys(this.filter).map(name => [name, null])));
  }

  /** @returns {string | undefined} the figure of the wall whose rows are shown */
  get chosen() {
    return Object.keys(FIGURES).find(name => FIGURES[name]('').figure === this.filter.figure);
  }

  /**
   * Choose a figure; the chosen one again shows everything.
   * @param {keyof typeof FIGURES} name @param {string | null} [extent] that it was counted for, so that its rows are exactly those
   */
  choose(name, extent = null) {
    this.set(this.chosen === name ? {figure: null} : {...FIGURES[name](this.today().toISOString()), bbox: extent});
  }

  /** @returns {Record<string, string>} query members for lists, counts and tiles */
  query() {
    return queryOf(this.filter);
  }

  /** @returns {boolean} whether live cases are shown, all of them */
  get isPlain() {
    return Object.keys(this.filter).length === 0;
  }
}
