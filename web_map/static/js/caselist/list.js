/** The list: fetches by pages, and follows events without moving what one reads. */
import {ApiError, getJson} from '../api.js';
import {Feed} from '../cases/feed.js';
import {reasonOf} from '../i18n.js';
import {CaseRows} from './rows-model.js';

const PAGE = 100;

/** Fires `state` (loading, shown, empty, failed), `rows` (rows or their marks changed) and `followed` (events changed something). */
export class CaseList extends EventTarget {
  rows = new CaseRows();
  /** Rows that changed since they were looked at. */
  changed = new Set();
  state = 'loading';
  reason = '';
  /** @type {() => void} what failed last */
  retry = () => this.refresh();
  #asked = 0;
  #busy = false;

  /** @param {string} path of the collection @param {{context: object, filters: import('./filters.js').ListFilters, open: (id: number) => void}} parts */
  constructor(path, {context, filters, open}) {
    super();
    Object.assign(this, {path, context, filters, open});
    this.feed = new Feed({fetchItems: ids => this.#look(ids), arrive: () => {}, overflow: () => this.catchUp()});
    filters.addEventListener('change', () => this.refresh());
  }

  /** Begin anew at the newest case. */
  async refresh() {
    const asked = (this.#asked += 1);
    this.#busy = false;
    this.rows.begin([], null);
    this.changed.clear();
    this.#say('loading');
    await this.#fetch({address: `${this.path}/items`, query: {...this.filters.query(), limit: PAGE}, asked}, (features, next) => this.rows.begin(features, next));
  }

  /** Fetch the next page. */
  async more() {
    if (!this.rows.next || this.#busy) return;
    await this.#fetch({address: this.rows.next, query: {}, asked: this.#asked}, (features, next) => this.rows.extend(features, next));
  }

  async #fetch({address, query, asked}, take) {
    this.#busy = true;
    try {
      const {features, links} = await getJson(address, query);
      if (asked !== this.#asked) return;
      take(features, links.find(({rel}) => rel === 'next')?.href ?? null);
      this.#learn(features);
      this.#say(this.rows.rows.length ? 'shown' : 'empty');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asked !== this.#asked) return;
      Object.assign(this, {reason: reasonOf(error), retry: () => (this.rows.next ? this.#again() : this.refresh())});
      this.#say('failed');
    } finally {
      if (asked === this.#asked) this.#busy = false;
    }
  }

  #again() {
    this.#say('shown');
    this.more();
  }

  /** Rows show codes until their names have come. */
  async #learn(features) {
    try {
      await this.context.names.learn(features);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #say(state) {
    this.state = state;
    this.dispatchEvent(new Event('state'));
    this.#rowsChanged();
  }

  #rowsChanged() {
    this.dispatchEvent(new Event('rows'));
  }

  /** Changes of the layer's cases. @param {{id?: number, kind: string}[]} changes */
  hear(changes) {
    if (changes.some(({id}) => !id)) this.catchUp();
    else this.feed.add(changes);
  }

  /** Much may have changed: look at all rows again, and for new ones. */
  async catchUp() {
    const ids = this.rows.rows.map(({id}) => id);
    try {
      if (ids.length) await this.#look(ids);
      const {features} = await getJson(`${this.path}/items`, {...this.filters.query(), limit: PAGE});
      this.#take(features.map(({id}) => id), features);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** Fetch some cases with the list's own filter: those that do not come back are not of the list. */
  async #look(ids) {
    const asked = this.#asked;
    const {features} = await getJson(`${this.path}/items`, {...this.filters.query(), ids: ids.join(), limit: ids.length});
    if (asked === this.#asked) this.#take(ids, features);
    return features;
  }

  #take(ids, features) {
    const written = () => new Map(this.rows.rows.map(row => [row.id, JSON.stringify(row.properties)]));
    const before = written();
    const touched = this.rows.take(ids, features);
    const after = written();
    for (const id of touched) if (this.rows.gone.has(id) || before.get(id) !== after.get(id)) this.changed.add(id);
    this.#learn(features);
    this.#rowsChanged();
    this.dispatchEvent(new Event('followed'));
  }

  /** @param {number} id @param {boolean} range up to it from the one before */
  select(id, range) {
    if (range) this.rows.selectTo(id);
    else this.rows.toggle(id);
    this.#rowsChanged();
  }

  unselect() {
    this.rows.selected.clear();
    this.#rowsChanged();
  }

  /** The reader looked at a row. @param {number} id */
  seen(id) {
    if (this.changed.delete(id)) this.#rowsChanged();
  }
}
