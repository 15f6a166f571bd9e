/** From event to case: ids are gathered and fetched together, one request at a time. Pure. */

/** At most ten requests a second, each of at most so many cases. */
const EVERY_MS = 100;
const PER_REQUEST = 100;
/** Beyond this many waiting, single cases no longer matter: everything is fetched again. */
const BACKLOG = 1000;
const RETRY_MS = 2000;

export class Feed {
  /**
   * @param {object} parts
   * @param {(ids: number[]) => Promise<object[]>} parts.fetchItems
   * @param {(arrivals: {feature: object, kinds: string[]}[]) => void} parts.arrive
   * @param {() => void} parts.overflow called instead when too many wait
   * @param {(act: () => void, ms: number) => void} [parts.later]
   */
  constructor({fetchItems, arrive, overflow, later = (act, ms) => setTimeout(act, ms)}) {
    Object.assign(this, {fetchItems, arrive, overflow, later, busy: false});
    this.waiting = new Map();
  }

  /** @param {{id: number, kind: string}[]} changes of one layer, in order */
  add(changes) {
    for (const {id, kind} of changes) {
      const kinds = this.waiting.get(id) ?? [];
      if (!kinds.includes(kind)) kinds.push(kind);
      this.waiting.set(id, kinds);
    }
    if (this.waiting.size > BACKLOG) {
      this.waiting.clear();
      this.overflow();
    } else if (!this.busy && this.waiting.size) this.#run();
  }

  async #run() {
    this.busy = true;
    const batch = [...this.waiting].slice(0, PER_REQUEST);
    for (const [id] of batch) this.waiting.delete(id);
    const wait = await this.#deliver(batch);
    this.later(() => {
      this.busy = false;
      if (this.waiting.size) this.#run();
    }, wait);
  }

  async #deliver(batch) {
    const kindsOf = new Map(batch);
    try {
      const features = await this.fetchItems([...kindsOf.keys()]);
      this.arrive(features.map(feature => ({feature, kinds: kindsOf.get(feature.id)})));
      return EVERY_MS;
    } catch (error) {
      if (!(error.status >= 0)) throw error;
      for (const [id, kinds] of batch) this.waiting.set(id, [...kinds, ...(this.waiting.get(id) ?? [])]);
      return RETRY_MS;
    }
  }
}
