/** The rows that a list holds: bounded, newest first, with what changed since they were fetched, and which are selected. Pure. */

/** More rows are not kept; those that leave at the top can be fetched again. */
export const MOST = 600;

export class CaseRows {
  /** @type {object[]} features, the newest first */
  rows = [];
  /** @type {string | null} where the next page is */
  next = null;
  /** How many rows left at the top. */
  dropped = 0;
  /** Ids of cases that belong to the list and are not in it yet. */
  fresh = new Set();
  /** Ids of rows that belong to the list no more. */
  gone = new Set();
  selected = new Set();
  #newest = 0;
  #anchor = null;

  /** Begin anew with a first page. @param {object[]} features @param {string | null} next */
  begin(features, next) {
    Object.assign(this, {rows: [...features], next, dropped: 0});
    this.#newest = features[0]?.id ?? 0;
    for (const set of [this.fresh, this.gone, this.selected]) set.clear();
  }

  /** Add a further page. @param {object[]} features @param {string | null} next @returns {number[]} ids of the rows that left at the top */
  extend(features, next) {
    const known = new Set(this.rows.map(({id}) => id));
    this.rows.push(...features.filter(({id}) => !known.has(id)));
    this.next = next;
    const left = this.rows.splice(0, Math.max(0, this.rows.length - MOST)).map(({id}) => id);
    this.dropped += left.length;
    for (const id of left) { this.gone.delete(id); this.selected.delete(id); }
    return left;
  }

  /** @param {number} id @returns {object | undefined} */
  row(id) {
    return this.rows.find(row => row.id === id);
  }

  /**
   * Take what became of some cases.
   * @param {number[]} ids that were asked for with the list's filter
   * @param {object[]} features those of them that belong to the list
   * @returns {number[]} ids of rows that are to be drawn again
   */
  take(ids, features) {
    const found = new Map(features.map(feature => [feature.id, feature]));
    return ids.filter(id => {
      const index = this.rows.findIndex(row => row.id === id);
      const feature = found.get(id);
      if (index < 0) {
        if (feature && this.#isMissing(id)) this.fresh.add(id);
        else if (!feature) this.fresh.delete(id);
        return false;
      }
      if (feature) { this.rows[index] = feature; this.gone.delete(id); } else this.gone.add(id);
      return true;
    });
  }

  /** Whether a case that belongs to the list would stand among its rows or above them, and does not. */
  #isMissing(id) {
    const [first, last] = [this.rows[0]?.id, this.rows.at(-1)?.id];
    if (first === undefined || id > this.#newest) return true;
    if (id > first) return !this.dropped;
    return id > last || !this.next;
  }

  /** Select a row, or take it out of the selection. @param {number} id */
  toggle(id) {
    if (!this.selected.delete(id)) this.selected.add(id);
    this.#anchor = id;
  }

  /** Select all rows from the one toggled last to this one. @param {number} id */
  selectTo(id) {
    const places = [this.#anchor ?? id, id].map(one => this.rows.findIndex(row => row.id === one));
    if (places.includes(-1)) return this.toggle(id);
    const [from, to] = [Math.min(...places), Math.max(...places)];
    for (const row of this.rows.slice(from, to + 1)) this.selected.add(row.id);
    return undefined;
  }

  /** @param {number | null} id @param {number} step @returns {number | null} the id of the row so many further; the first one without an id */
  neighbour(id, step) {
    const index = this.rows.findIndex(row => row.id === id);
    if (index < 0) return this.rows[0]?.id ?? null;
    return this.rows[Math.min(this.rows.length - 1, Math.max(0, index + step))].id;
  }
}
