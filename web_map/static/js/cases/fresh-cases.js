/** Cases that events told of and that no fetched tile holds yet. Bounded. Pure. */
import {tileAt} from '../mercator.js';

const AT_MOST = 500;

export class FreshCases {
  #cases = new Map();

  /** @param {{id: number, unit: [number, number]}} feature @param {number} now milliseconds */
  add(feature, now) {
    this.#cases.delete(feature.id);
    this.#cases.set(feature.id, {...feature, since: now});
    if (this.#cases.size > AT_MOST) this.#cases.delete(this.#cases.keys().next().value);
  }

  /** Time has passed: look again at what is overdue. @param {(properties: object) => boolean} isOverdue */
  age(isOverdue) {
    for (const feature of this.#cases.values()) feature.overdue = isOverdue(feature);
  }

  /** @param {number} id */
  remove(id) {
    this.#cases.delete(id);
  }

  /** Drop what a tile holds that was asked for after the case came. */
  covered(tile, startedAt) {
    for (const [id, {unit, since}] of this.#cases) {
      const at = tileAt(unit, tile.z);
      if (since <= startedAt && at.x === tile.x && at.y === tile.y) this.#cases.delete(id);
    }
  }

  clear() {
    this.#cases.clear();
  }

  /** @returns {object[]} */
  all() {
    return [...this.#cases.values()];
  }
}
