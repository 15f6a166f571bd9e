/** What part of the cases the wall shows: chosen by a click on a figure. */

/** Figure → filter of items and tiles. */
export const FILTERS = {
  all: {},
  today: {today: 'true'},
  open: {},
  overdue: {overdue: 'true'},
  closed: {stage: 'closed'},
};

/** Fires `change`. */
export class Filters extends EventTarget {
  chosen = 'all';

  /** Choose a figure; the chosen one again shows everything. @param {keyof typeof FILTERS} name */
  choose(name) {
    this.chosen = this.chosen === name ? 'all' : name;
    this.dispatchEvent(new Event('change'));
  }

  /** @returns {Record<string, string>} query members for items and tiles */
  query() {
    return FILTERS[this.chosen];
  }

  /**
   * Whether a case belongs to what is shown.
   * @param {{stage: string, overdue?: boolean}} properties
   */
  shows({stage, overdue}) {
    if (this.chosen === 'closed') return stage === 'closed';
    if (this.chosen === 'overdue') return Boolean(overdue) && stage !== 'closed';
    return stage !== 'closed';
  }
}
