/** What part of the cases the wall shows: chosen by a click on a figure. */
import {isOverdue} from './entry.js';

/** Figure → members of the query for items and tiles, given when today began. */
const QUERIES = {
  all: () => ({live: 'true'}),
  today: since => ({since}),
  open: () => ({live: 'true'}),
  overdue: () => ({overdue: 'true'}),
  closed: () => ({stage: 'closed'}),
};

/** Fires `change`. */
export class Filters extends EventTarget {
  chosen = 'all';

  /** @param {() => Date} today when the town's present day began */
  constructor(today) {
    super();
    this.today = today;
  }

  /** Choose a figure; the chosen one again shows everything. @param {keyof typeof QUERIES} name */
  choose(name) {
    this.chosen = this.chosen === name ? 'all' : name;
    this.dispatchEvent(new Event('change'));
  }

  /** @returns {Record<string, string>} query members for items and tiles */
  query() {
    return QUERIES[this.chosen](this.today().toISOString());
  }

  /**
   * Whether a case belongs to what is shown.
   * @param {{stage: string, overdue?: boolean, due_at?: string, reported_at: string}} properties
   */
  shows(properties) {
    const {stage} = properties;
    const overdue = isOverdue(properties, Date.now());
    if (this.chosen === 'closed') return stage === 'closed';
    if (this.chosen === 'overdue') return overdue;
    if (this.chosen === 'today') return Date.parse(properties.reported_at) >= this.today().getTime();
    return stage !== 'closed';
  }
}
