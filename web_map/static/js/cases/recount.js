/** Counting again after changes: soon, not too often, and the more seldom the slower the server. Pure. */

/** Part of the time that counting may take. */
const SHARE = 0.25;

export class Recount {
  #timer = null;
  #again = false;
  #pauseMs;

  /**
   * @param {() => Promise<void>} count
   * @param {number} everyMs at most so often
   * @param {{now?: () => number, later?: (act: () => void, ms: number) => unknown}} [clock]
   */
  constructor(count, everyMs, {now = () => performance.now(), later = (act, ms) => setTimeout(act, ms)} = {}) {
    Object.assign(this, {count, everyMs, now, later});
    this.#pauseMs = everyMs;
  }

  /** Something changed. */
  touch() {
    this.#again = true;
    this.#timer ??= this.later(() => this.#run(), this.#pauseMs) ?? true;
  }

  async #run() {
    this.#again = false;
    const startedAt = this.now();
    await this.count();
    this.#pauseMs = Math.max(this.everyMs, (this.now() - startedAt) / SHARE);
    this.#timer = null;
    if (this.#again) this.touch();
  }
}
