/** Names for the codes that cases carry: categories, grids and areas. */
import {getJson} from '../api.js';
import {currentLanguage} from '../i18n.js';

/** Fires `named` when a name that was asked for has come. */
export class CaseNames extends EventTarget {
  #categories = new Map();
  #grids = new Map();
  #areas = new Map();

  /** @param {string} path of the collection of cases */
  async load(path) {
    const {categories} = await getJson(`${path}/categories`);
    this.#categories = new Map(categories.map(category => [category.code, category]));
    this.dispatchEvent(new Event('named'));
  }

  /** @param {string} code of a category @returns {string} its item, or the code while unknown */
  category(code) {
    const known = this.#categories.get(code);
    if (!known) return code ?? '';
    return currentLanguage() === 'zh-CN' ? known.item : known.item_en;
  }

  /** @param {string | null} code of a grid @returns {string | null} its name, or the code while unknown */
  grid(code) {
    if (!code) return null;
    if (!this.#grids.has(code)) this.#ask(code);
    return this.#grids.get(code) ?? code;
  }

  /** @param {string} code of an area, or the beginning of a grid's @returns {string} its name, or the code while unknown */
  area(code) {
    if (code.length > 12) return this.grid(code);
    if (!this.#areas.has(code)) this.#askArea(code);
    return this.#areas.get(code) ?? code;
  }

  /** Wait for a grid's name. @param {string | null} code */
  async known(code) {
    if (code && !this.#grids.get(code)) await this.#ask(code);
  }

  #ask(code) {
    return this.#name('grids', code, this.#grids);
  }

  #askArea(code) {
    return this.#name('areas', code, this.#areas);
  }

  async #name(collection, code, known) {
    known.set(code, null);
    try {
      const {features} = await getJson(`/collections/${collection}/items`, {code, limit: 1});
      known.set(code, features[0]?.properties.name ?? null);
      this.dispatchEvent(new Event('named'));
    } catch (error) {
      if (error.status === undefined) throw error;
      known.delete(code);
    }
  }
}
