/** Fetching the cases that events tell of, each with whether the filter in force finds it. */
import {getJson} from '../api.js';

export class CaseFetch {
  /** @param {string} path of the collection @param {import('./filters.js').Filters} filters */
  constructor(path, filters) {
    Object.assign(this, {path, filters});
  }

  /**
   * The server alone says what a filter finds, so that the map, the lists and the counts agree.
   * @param {number[]} ids
   * @returns {Promise<object[]>} GeoJSON features with `shown`
   */
  async items(ids) {
    const question = {ids: ids.join(), limit: ids.length};
    const asked = [getJson(`${this.path}/items`, question)];
    if (!this.filters.isPlain) asked.push(getJson(`${this.path}/items`, {...this.filters.query(), ...question}));
    const [all, found] = await Promise.all(asked);
    const shown = found && new Set(found.features.map(({id}) => id));
    return all.features.map(feature => ({...feature, shown: shown ? shown.has(feature.id) : feature.properties.stage !== 'closed'}));
  }
}
