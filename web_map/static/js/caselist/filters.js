/** What the list shows: exactly what its address says. */
import {Filters} from '../cases/filters.js';

/** Fires `change`. */
export class ListFilters extends Filters {
  /** @returns {Record<string, string>} */
  query() {
    return {...this.filter};
  }

  /** Use another filter instead. @param {Record<string, string>} filter */
  replace(filter) {
    this.set({...Object.fromEntries(Object.keys(this.filter).map(name => [name, null])), ...filter});
  }
}
