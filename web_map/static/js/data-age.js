/** The clock and the light that says how old the data are, and why. */
import {ApiError, getJson} from './api.js';
import {reasonOf, t} from './i18n.js';
import {staleness} from './staleness.js';

const LIMITS = {amberS: 15, redS: 60};

export class DataAge {
  /**
   * @param {object} context needs `format` and `town`
   * @param {Record<string, HTMLElement>} nodes clock, text, reason
   */
  constructor(context, nodes) {
    Object.assign(this, {context, nodes, connected: false, asOf: new Date(context.town.now), heardAt: performance.now(), why: null});
    this.limits = {...LIMITS, ...askedLimits()};
    this.offsetMs = this.asOf.getTime() - Date.now();
    document.addEventListener('words', () => this.show());
    setInterval(() => this.show(), 1000);
    this.show();
  }

  /** The server spoke. @param {string} [at] its time */
  heard(at) {
    this.heardAt = performance.now();
    this.asOf = at ? new Date(at) : new Date(Date.now() + this.offsetMs);
    this.connected = true;
    this.why = null;
    this.show();
  }

  /** The stream broke off: find out why. */
  async lost() {
    this.connected = false;
    this.why ??= 'stream';
    try {
      await getJson('/town');
      this.why = 'stream';
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.why = error.status ? error : 'unreachable';
    }
    this.show();
  }

  show() {
    const ageS = (performance.now() - this.heardAt) / 1000;
    const state = staleness({ageS, connected: this.connected}, this.limits);
    const {format} = this.context;
    document.documentElement.dataset.stale = state;
    this.nodes.clock.textContent = format.seconds(new Date(Date.now() + this.offsetMs));
    setText(this.nodes.text, t('age.as_of', {time: format.seconds(this.asOf)}));
    this.nodes.reason.hidden = state === 'fresh' || (state === 'amber' && !this.why);
    if (state !== 'fresh') setText(this.nodes.reason, t(`age.${state}`, {time: format.seconds(this.asOf), reason: this.#reason()}));
  }

  #reason() {
    if (this.why instanceof ApiError) return reasonOf(this.why);
    return t(`age.reason.${this.why ?? (this.connected ? 'silent' : 'stream')}`);
  }
}

/** Text that screen readers announce is only touched when it changes. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** `?amber_s=2&red_s=4` for tests and drills. */
function askedLimits() {
  const query = new URLSearchParams(location.search);
  const asked = [['amberS', query.get('amber_s')], ['redS', query.get('red_s')]];
  return Object.fromEntries(asked.filter(([, value]) => Number(value) > 0).map(([name, value]) => [name, Number(value)]));
}
