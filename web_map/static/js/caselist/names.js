/** Names for all codes that a row of the list has; those of grids are fetched for a page of rows at once. */
import {getJson} from '../api.js';
import {CaseNames} from '../cases/names.js';
import {t, titleOf, wordFor} from '../i18n.js';

const MOST = 10000;
/** Up to so many posts are asked for one by one. */
const FEW = 4;
/** Digits of a code that say the district, or the town. */
const DISTRICT_DIGITS = 6;
const TOWN_DIGITS = 9;
const titled = thing => titleOf({title_zh: thing.title, title_en: thing.title_en});
const byCode = features => new Map(features.map(({properties}) => [properties.code, properties]));

/** Fires `named` when names have come. */
export class ListNames extends CaseNames {
  /** @type {Map<string, object>} */
  units = new Map();
  /** @type {Map<string, object>} */
  villages = new Map();
  /** @type {object[]} editions of procedures */
  procedures = [];
  /** @type {object[]} */
  categories = [];
  #towns = new Map();
  #grids = new Map();
  #posts = new Map();
  #waiting = [];

  /** @param {string} path of the collection of cases */
  async load(path) {
    const ask = async (name, query) => (await getJson(`/collections/${name}/items`, {limit: MOST, ...query})).features;
    const [{categories}, units, towns, areas, procedures] = await Promise.all([
      getJson(`${path}/categories`), ask('organisations', {}), ask('areas', {level: 2}), ask('areas', {level: 3}), ask('procedures', {}), super.load(path),
    ]);
    const villages = [...byCode(units).values()].filter(({kind}) => kind === 'village').map(({area_code: code, name}) => [code, {code, name}]);
    this.#towns = new Map(towns.map(({properties: {code, name}}) => [code.slice(0, TOWN_DIGITS), name]));
    Object.assign(this, {categories, units: byCode(units), villages: new Map([...villages, ...byCode(areas)]), procedures: procedures.map(({properties}) => properties)});
    this.dispatchEvent(new Event('named'));
  }

  /** Fetch the names of the grids of many cases by one request. @param {object[]} features */
  async learn(features) {
    const wanted = features.map(({properties}) => properties).filter(({grid_id: id, grid_code: code}) => id && !this.#grids.has(code));
    const ids = [...new Set(wanted.map(({grid_id: id}) => id))];
    if (!ids.length) return;
    for (const {grid_code: code} of wanted) this.#grids.set(code, null);
    const {features: grids} = await getJson('/collections/grids/items', {ids: ids.join(), limit: ids.length});
    this.knowGrids(grids);
    this.dispatchEvent(new Event('named'));
  }

  /** @param {object[]} features of grids */
  knowGrids(features) {
    for (const {properties} of features) this.#grids.set(properties.code, properties);
  }

  grid(code) {
    return this.#grids.has(code) ? this.#grids.get(code)?.name ?? code : super.grid(code);
  }

  async known(code) {
    if (!this.#grids.get(code)) await super.known(code);
  }

  /** @param {string | null} code of a grid or area @returns {string} the name of its village, or '' */
  village(code) {
    return this.villages.get(code?.slice(0, 12))?.name ?? '';
  }

  /** @param {string} code of the district, a town, village, grid or micro-grid @returns {string} */
  area(code) {
    if (code.length === DISTRICT_DIGITS) return t('issue.whole');
    if (this.#towns.has(code)) return this.#towns.get(code);
    return this.villages.get(code)?.name ?? (code.length > 12 ? this.grid(code) : code);
  }

  /** @param {string | null} code of an organisation @returns {string} */
  unit(code) {
    return this.units.get(code)?.name ?? code ?? '';
  }

  /** @param {string | null} code of a duty @returns {string} its holder or title, or the code while unknown */
  post(code) {
    if (!code) return '';
    if (!this.#posts.has(code)) this.#askPost(code);
    const known = this.#posts.get(code);
    return known ? known.holder || known.title || wordFor('post', known.post) : code;
  }

  /** Posts that are asked for at the same time are fetched together: a few one by one, many with all the others. */
  #askPost(code) {
    this.#posts.set(code, null);
    if (this.#waiting.push(code) === 1) setTimeout(() => this.#fetchPosts(), 0);
  }

  async #fetchPosts() {
    const codes = this.#waiting.splice(0);
    const queries = codes.length > FEW ? [{limit: MOST}] : codes.map(code => ({code, limit: 1}));
    try {
      const pages = await Promise.all(queries.map(query => getJson('/collections/duties/items', query)));
      for (const {properties} of pages.flatMap(({features}) => features)) this.#posts.set(properties.code, properties);
      this.dispatchEvent(new Event('named'));
    } catch (error) {
      if (error.status === undefined) throw error;
      for (const code of codes) this.#posts.delete(code);
    }
  }

  /** @param {{procedure?: string, edition?: number, step?: string, level?: string}} properties @returns {{step: string, level: string}} titles, '' when unknown */
  place({procedure, edition, step, level}) {
    const found = this.procedures.find(one => one.code === procedure && one.edition === edition)?.definition;
    const name = (list, code) => { const one = list?.find(other => other.code === code); return one ? titled(one) : ''; };
    return {step: name(found?.steps, step), level: name(found?.levels, level)};
  }

  /** @param {string} code of a procedure @returns {string} */
  procedure(code) {
    const known = this.procedures.find(one => one.code === code);
    return known ? titled(known) : code;
  }
}
