/** The cases that wait to be dispatched, oldest first: how many, and the next one to open. */
import {ApiError, getJson} from '../../api.js';
import {Recount} from '../recount.js';
import {allPages} from './all-pages.js';
import {oldestFirst, waitingSteps} from './waiting.js';

const PAGE = 1000;
const EVERY_MS = 1000;

/** Fires `change` when another number waits. */
export class DispatchQueue extends EventTarget {
  #steps = null;
  count = 0;
  #recount = new Recount(() => this.refresh(), EVERY_MS);

  /** @param {string} path of the collection of cases @param {import('../filters.js').Filters} filters */
  constructor(path, filters) {
    super();
    Object.assign(this, {path, filters});
    filters.addEventListener('change', () => this.touch());
  }

  async #questions() {
    this.#steps ??= waitingSteps((await getJson('/collections/procedures/items', {limit: PAGE})).features.map(({properties}) => properties));
    const {stage, figure, from, to, ...place} = this.filters.filter;
    return this.#steps.map(pair => ({...place, ...pair, live: 'true'}));
  }

  /** @returns {Promise<object[]>} the cases that wait, within the filter, oldest first */
  async list() {
    const questions = await this.#questions();
    const answers = await Promise.all(questions.map(question => allPages(getJson, `${this.path}/items`, {...question, limit: PAGE})));
    const cases = oldestFirst(answers.flat());
    this.#counted(cases.length);
    return cases;
  }

  /** Something changed: count again soon. */
  touch() {
    this.#recount.touch();
  }

  async refresh() {
    try {
      const questions = await this.#questions();
      const counts = await Promise.all(questions.map(question => getJson(`${this.path}/count`, question)));
      this.#counted(counts.reduce((sum, {count}) => sum + count, 0));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #counted(count) {
    this.count = count;
    this.dispatchEvent(new Event('change'));
  }
}
