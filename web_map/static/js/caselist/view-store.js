/** Where views are kept: by the server for an account, by the browser for a visitor. */
import {getJson, postJson, remove} from '../api.js';
import {readFilter, writeFilter} from '../cases/filter-object.js';

/** @param {{account: string | null}} account */
export const viewStore = ({account}) => (account ? new AccountViews() : new BrowserViews());

const viewOf = ({name, query}) => ({key: `own-${name}`, name, filter: readFilter(query)});

class AccountViews {
  #path = '/account/views';

  async list() {
    return (await getJson(this.#path)).views.map(viewOf);
  }

  async add(name, filter) {
    await postJson(this.#path, {name: name.replaceAll('/', '／'), query: writeFilter(filter, '').slice(1)});
  }

  async remove({name}) {
    await remove(`${this.#path}/${encodeURIComponent(name)}`);
  }
}

class BrowserViews {
  #key = 'gis.views';

  #read() {
    return JSON.parse(localStorage.getItem(this.#key) ?? '[]');
  }

  #write(views) {
    localStorage.setItem(this.#key, JSON.stringify(views));
  }

  async list() {
    return this.#read().map(viewOf);
  }

  async add(name, filter) {
    this.#write([...this.#read().filter(view => view.name !== name), {name, query: writeFilter(filter, '')}]);
  }

  async remove({name}) {
    this.#write(this.#read().filter(view => view.name !== name));
  }
}
