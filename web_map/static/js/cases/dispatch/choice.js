/** Which cases of a list are chosen. Pure. */

/** Versions are read so many at a time. */
const AT_ONCE = 4;

export class Choice {
  #ids = new Set();

  get size() {
    return this.#ids.size;
  }

  has(id) {
    return this.#ids.has(id);
  }

  toggle(id) {
    if (!this.#ids.delete(id)) this.#ids.add(id);
  }

  /** Choose all of a list, or none when all are chosen already. @param {number[]} ids */
  toggleAll(ids) {
    const all = ids.every(id => this.#ids.has(id));
    this.#ids = new Set(all ? [] : ids);
  }

  /** Forget what is no longer in the list. @param {number[]} ids */
  keep(ids) {
    this.#ids = new Set(ids.filter(id => this.#ids.has(id)));
  }

  clear() {
    this.#ids.clear();
  }
}

/**
 * The version of each case, as it is now.
 * @param {{id: number}[]} cases @param {(id: number) => Promise<number>} read
 * @returns {Promise<{id: number, version: number}[]>}
 */
export async function versionsOf(cases, read) {
  const found = [];
  for (let from = 0; from < cases.length; from += AT_ONCE) {
    found.push(...await Promise.all(cases.slice(from, from + AT_ONCE).map(async ({id}) => ({id, version: await read(id)}))));
  }
  return found;
}
