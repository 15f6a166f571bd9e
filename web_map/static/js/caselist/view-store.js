/** Where views are kept: by the server for an account, by the browser for a visitor. */
import {readFilter, writeFilter} from '../cases/filter-object.js';

/** @param {{account: string | null}} account */
export const viewStore = ({account}) => new BrowserViews(account);

/** Views that are kept in this browser. */
export class BrowserViews {
  #key = 'gis.views';

  #read() {
    return JSON.parse(localStorage.getItem(this.#key) ?? '[]');
  }

  #write(views) {
    localStorage.setItem(this.#key, JSON.stringify(views));
  }

  async list() {
    return this.#read().map(({name, query}) => ({key: `own-${name}`, name, filter: readFilter(query)}));
  }

  async add(name, filter) {
    this.#write([...this.#read().filter(view => view.name !== name), {name, query: writeFilter(filter, '')}]);
  }

  async remove({name}) {
    this.#write(this.#read().filter(view => view.name !== name));
  }
}
