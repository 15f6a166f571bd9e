/** To whom each of several cases would go, asked one after the other so that the wall's own questions come through. */
import {ApiError, getJson} from '../../api.js';

export class Proposed {
  #first = new Map();

  /** @param {string} path of the collection of cases @param {() => void} changed */
  constructor(path, changed) {
    Object.assign(this, {path, changed});
  }

  /** @param {number} id @returns {object | null | undefined} null when nobody is proposed, undefined while unknown */
  of(id) {
    return this.#first.get(id);
  }

  /** Ask for the cases that are not known yet. @param {object[]} cases @param {() => boolean} wanted whether anybody still looks */
  async ask(cases, wanted) {
    for (const {id} of cases.filter(({id: one, geometry}) => geometry && !this.#first.has(one))) {
      if (!wanted()) return;
      try {
        const {proposals: [first]} = await getJson(`${this.path}/items/${id}/proposals`);
        this.#first.set(id, first ?? null);
        this.changed();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return;
      }
    }
  }

  /** Whom a case went to: the names of its proposal, or codes. @param {number} id @param {(string | null)[]} codes */
  nameOf(id, codes) {
    const {post, unit, holder, title, unit_name: unitName} = this.#first.get(id) ?? {};
    const names = new Map([[post, holder || title], [unit, unitName]]);
    return codes.filter(Boolean).map(code => names.get(code) ?? code).join(' · ');
  }
}
