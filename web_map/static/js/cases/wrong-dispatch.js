/** How often a case was sent to the wrong place in the last 30 days, by category or grid; a click shows those cases. */
import {ApiError, getJson} from '../api.js';
import {element, stateLine} from '../element.js';
import {reasonOf, t} from '../i18n.js';
import {replaceChanged} from './card/focus.js';

const BY = ['category', 'grid'];
const FILTER = {category: 'category', grid: 'grid_code'};
const SHOWN = 6;
const EVERY_MS = 30000;
const DAYS_MS = 30 * 86400000;

export class WrongDispatch {
  #by = 'category';
  #asked = 0;
  #answer = null;
  #dirty = false;

  /** @param {HTMLElement} node @param {string} path @param {{context: object, filters: import('./filters.js').Filters}} parts */
  constructor(node, path, {context, filters}) {
    Object.assign(this, {node, path, context, filters});
    this.body = element('div.wrong-body', {});
    this.summary = element('summary.panel-head', {});
    this.details = element('details', {ontoggle: () => { if (this.details.open) this.refresh(); }}, this.summary, this.body);
    node.replaceChildren(this.details);
    this.details.open = matchMedia('(min-height: 1000px)').matches;
    filters.addEventListener('change', () => this.redraw());
    context.names.addEventListener('named', () => this.redraw());
    document.addEventListener('words', () => this.redraw());
    setInterval(() => { if (this.#dirty && !document.hidden && this.details.open) this.refresh(); }, EVERY_MS);
    this.redraw();
    this.refresh();
  }

  /** Open or close the panel. */
  toggle() {
    this.details.open = !this.details.open;
    this.summary.focus();
  }

  /** A case was moved: the rates may be others. */
  touch() {
    this.#dirty = true;
  }

  async refresh() {
    const asked = (this.#asked += 1);
    this.#dirty = false;
    try {
      const answer = await getJson(`${this.path}/wrong_dispatch`, {by: this.#by, from: new Date(Date.now() - DAYS_MS).toISOString()});
      if (asked !== this.#asked) return;
      this.#answer = answer;
      this.redraw();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asked !== this.#asked || this.#answer) return;
      this.body.replaceChildren(stateLine('failed', t('state.failed', {reason: reasonOf(error)}), {label: t('state.retry'), act: () => this.refresh()}));
    }
  }

  redraw() {
    this.summary.replaceChildren(element('h2', {}, t('wrong.title')), element('span.wrong-rate', {}, this.#whole()));
    if (!this.#answer) { this.body.replaceChildren(stateLine('loading', t('state.loading'))); return; }
    const rows = [...this.#answer.rows].filter(({dispatched}) => dispatched).sort((a, b) => b.rate - a.rate || b.dispatched - a.dispatched).slice(0, SHOWN);
    const ways = BY.map(by => element('button', {type: 'button', 'aria-pressed': String(by === this.#by), data: {key: `by-${by}`}, onclick: () => this.#choose(by)}, t(`wrong.by_${by}`)));
    replaceChanged(this.body, element('div.wrong-by', {}, ...ways), rows.length ? element('ul.rows', {}, ...rows.map(row => this.#row(row))) : stateLine('empty', t('wrong.empty')), this.#calibration());
  }

  #whole() {
    const {dispatched, returned, rate} = this.#answer?.total ?? {};
    return dispatched ? t('wrong.rate', {rate: this.context.format.percent(rate), returned, dispatched}) : '—';
  }

  #choose(by) {
    this.#by = by;
    this.refresh();
  }

  #row({key, title, dispatched, returned, rate}) {
    const {format, names} = this.context;
    const member = FILTER[this.#by];
    const name = this.#by === 'category' ? names.category(key) : title || names.grid(key) || t('case.unlocated');
    const value = key || 'none';
    const isChosen = this.filters.filter[member] === value;
    const bar = element('span.wrong-bar', {'aria-hidden': 'true'}, element('span.wrong-fill', {}));
    bar.firstChild.style.width = `${Math.round(100 * Math.min(1, rate))}%`;
    return element('li', {}, element('button.wrong-row', {type: 'button', 'aria-pressed': String(isChosen), data: {key: `row-${key}`}, onclick: () => this.filters.set({[member]: isChosen ? null : value})},
      element('span.ellipsis', {title: name}, name), element('span.wrong-value', {}, format.percent(rate)), bar,
      element('span.small.muted.wrong-of', {}, t('wrong.of', {returned: format.number(returned), dispatched: format.number(dispatched)}))));
  }

  /** How far the proposals' chances are from what came of them, over all of them. */
  #calibration() {
    const bins = (this.#answer.calibration ?? []).filter(({n}) => n);
    const total = bins.reduce((sum, {n}) => sum + n, 0);
    if (!total) return null;
    const apart = bins.reduce((sum, {n, expected, observed}) => sum + n * Math.abs(expected - observed), 0) / total;
    return element('p.small.muted', {}, t('wrong.calibration', {points: this.context.format.signed(100 * apart).replace('+', ''), count: this.context.format.number(total)}));
  }
}
