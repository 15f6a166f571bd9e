/** When the next of the known limits passes: a case becomes overdue without any event. Pure. */

/** The longest that a timer is set for; browsers take no more than 2³¹ ms. */
const MOST_MS = 3_600_000;
/** After the limit, as the server's clock may be a little behind. */
const MARGIN_MS = 300;
const KEPT = 2000;

export class DueClock {
  #due = new Map();
  #timer = null;

  /** @param {() => void} passed @param {{now?: () => number, later?: (act: () => void, ms: number) => unknown}} [clock] */
  constructor(passed, {now = () => Date.now(), later = (act, ms) => setTimeout(act, ms)} = {}) {
    Object.assign(this, {passed, now, later});
  }

  /** Know a case's limit; a closed one has none any more. @param {number} id @param {{due_at?: string, stage: string}} properties */
  note(id, {due_at: dueAt, stage}) {
    const at = dueAt && stage !== 'closed' ? Date.parse(dueAt) : NaN;
    if (at + MARGIN_MS > this.now()) this.#due.set(id, at);
    else this.#due.delete(id);
    if (this.#due.size > KEPT) this.#due.delete(this.#due.keys().next().value);
    this.#set();
  }

  #set() {
    clearTimeout(this.#timer);
    if (!this.#due.size) return;
    const next = Math.min(...this.#due.values());
    this.#timer = this.later(() => this.#look(), Math.min(MOST_MS, Math.max(0, next + MARGIN_MS - this.now())));
  }

  #look() {
    const over = [...this.#due].filter(([, at]) => at + MARGIN_MS <= this.now());
    for (const [id] of over) this.#due.delete(id);
    if (over.length) this.passed(over.map(([id]) => id));
    this.#set();
  }
}
