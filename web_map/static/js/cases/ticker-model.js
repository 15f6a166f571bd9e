/** Lines of the ticker: newest first, bounded, grouped by grid while cases come fast. Pure. */

const LINES = 60;
/** From this many cases a second on, lines are grouped by grid. */
const BUSY_PER_S = 5;
const RATE_OVER_MS = 3000;
/** A group takes cases for so long, then a new line begins. */
const GROUP_MS = 30000;

/**
 * @typedef {object} Line
 * @property {string} key
 * @property {object} latest the newest case of the line
 * @property {number} count
 * @property {number} since milliseconds
 */
export class TickerModel {
  #lines = [];
  #arrivals = [];

  /** @param {object} entry {id, gridCode, …} @param {number} now milliseconds */
  add(entry, now) {
    this.#arrivals = [...this.#arrivals.filter(at => now - at < RATE_OVER_MS), now];
    const group = this.busy(now) && this.#groupOf(entry, now);
    if (group) {
      Object.assign(group, {latest: entry, count: group.count + 1});
      this.#toTop(group);
    } else this.#toTop({key: String(entry.id), latest: entry, count: 1, since: now});
  }

  #groupOf({gridCode}, now) {
    return this.#lines.find(line => line.latest.gridCode === gridCode && now - line.since < GROUP_MS);
  }

  #toTop(line) {
    this.#lines = [line, ...this.#lines.filter(other => other !== line && other.key !== line.key)].slice(0, LINES);
  }

  /** @returns {boolean} whether cases come at more than 5 a second */
  busy(now) {
    const recent = this.#arrivals.filter(at => now - at < RATE_OVER_MS);
    return recent.length > BUSY_PER_S * RATE_OVER_MS / 1000;
  }

  /** Bring a case that is already shown up to date. @returns {boolean} whether a line shows it */
  update(entry) {
    const line = this.#lines.find(({latest}) => latest.id === entry.id);
    if (line) line.latest = entry;
    return Boolean(line);
  }

  /** A case no longer belongs here. @param {number} id */
  remove(id) {
    this.#lines = this.#lines.filter(({latest, count}) => latest.id !== id || count > 1);
  }

  /** Begin anew with the newest cases, oldest first. */
  replace(entries) {
    this.#arrivals = [];
    this.#lines = entries.map(entry => ({key: String(entry.id), latest: entry, count: 1, since: 0})).reverse().slice(0, LINES);
  }

  /** @returns {Line[]} */
  lines() {
    return this.#lines;
  }
}
