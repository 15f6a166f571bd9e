/** The four figures for what the map shows, each compared with the same time yesterday; a click shows its rows. */
import {getJson} from '../api.js';
import {element, stateLine} from '../element.js';
import {reasonOf, t} from '../i18n.js';
import {bboxText, boundsOf} from '../lonlat.js';
import {replaceChanged} from './card/focus.js';
import {placeOf} from './filter-object.js';

const NAMES = ['today', 'open', 'overdue', 'closed'];
const AFTER_MOVE_MS = 250;
const EVERY_MS = 1500;
/** Cases become overdue without an event: at the latest so often all is counted again. */
const ANYWAY_MS = 20000;
/** Part of the time that counting may take. */
const SHARE = 0.25;

export class Figures {
  #figures = null;
  #dirty = false;
  #asked = 0;
  #countedAt = 0;

  /** @param {HTMLElement} node @param {string} path of the collection @param {object} parts `overdue` is told when the number of overdue cases is another */
  constructor(node, path, {context, filters, counted, overdue}) {
    Object.assign(this, {node, path, context, filters, counted, overdue});
    let timer;
    context.map.on('moveend', () => { clearTimeout(timer); timer = setTimeout(() => this.refresh(), AFTER_MOVE_MS); });
    filters.addEventListener('change', () => { this.render(); this.refresh(); });
    document.addEventListener('words', () => this.render());
    this.#keepCounting();
    node.append(stateLine('loading', t('state.loading')));
  }

  /** Something changed: fetch again soon. */
  touch() {
    this.#dirty = true;
  }

  async #keepCounting() {
    for (;;) {
      const startedAt = performance.now();
      if ((this.#dirty || startedAt - this.#countedAt > ANYWAY_MS) && !document.hidden) await this.refresh();
      await new Promise(resume => { setTimeout(resume, Math.max(EVERY_MS, (performance.now() - startedAt) / SHARE)); });
    }
  }

  /** @returns {string | null} the extent that is counted; null for the whole town, cases without a place included */
  get #extent() {
    const {map, town} = this.context;
    if (this.filters.filter.bbox) return this.filters.filter.bbox;
    const bounds = map.getBounds();
    return town.bbox && bounds.contains(boundsOf(town.bbox)) ? null : bboxText(bounds);
  }

  async refresh() {
    this.#dirty = false;
    this.#countedAt = performance.now();
    const asked = (this.#asked += 1);
    try {
      const extent = this.#extent;
      const figures = await getJson(`${this.path}/figures`, {...placeOf(this.filters.filter), bbox: extent});
      if (asked !== this.#asked) return;
      const before = this.#figures;
      this.#figures = {...figures, extent};
      this.counted(figures.unlocated);
      this.render();
      if (before && before.overdue.value !== figures.overdue.value) this.overdue();
    } catch (error) {
      if (this.#figures) { this.#dirty = true; return; }
      const retry = {label: t('state.retry'), act: () => this.refresh()};
      this.node.replaceChildren(stateLine('failed', t('state.failed', {reason: reasonOf(error)}), retry));
    }
  }

  render() {
    if (!this.#figures) return;
    const words = t(this.#figures.extent ? 'figures.extent' : 'figures.town');
    const head = element('header.panel-head', {}, element('h2', {}, t('figures.title')), element('span.muted.small', {}, words));
    replaceChanged(this.node, head, ...NAMES.flatMap(name => this.#figure(name)));
  }

  #figure(name) {
    const {value, parts, compared} = describe(name, this.#figures[name], this.context.format);
    const button = element('button.figure', {type: 'button', 'aria-pressed': String(this.filters.chosen === name), data: {figure: name, key: name}, onclick: () => this.#choose(name)},
      element('span.figure-name', {}, t(`figures.${name}`)),
      element('span.figure-value', {data: value ? {} : {none: ''}}, value || t('figures.none')),
      element('span.figure-compared.small.muted', {}, compared));
    return parts ? [button, element('p.figure-below.small', {}, ...parts.map(part => this.#part(part)))] : [button];
  }

  /** Numerator and denominator beside a rate: each shows its rows. */
  #part({name, words}) {
    if (!name) return element('span', {}, words);
    return element('button.plain.link', {type: 'button', 'aria-pressed': String(this.filters.filter.figure === FIGURE_OF[name]), data: {part: name, key: `part-${name}`}, onclick: () => this.#choose(name)}, words);
  }

  #choose(name) {
    this.filters.choose(name, this.#figures.extent);
  }
}

const FIGURE_OF = {closed: 'due', closed_due: 'closed_due'};

function describe(name, figure, format) {
  if (name !== 'closed') {
    return {value: format.number(figure.value), compared: versus(figure.yesterday, () => format.signed(figure.value - figure.yesterday))};
  }
  const {value, due, rate, days, yesterday_rate: before} = figure;
  const known = typeof rate === 'number';
  return {
    value: known ? format.percent(rate) : '',
    parts: [
      {words: t('figures.days', {days})},
      {name: 'closed_due', words: t('figures.closed_part', {count: format.number(value)})},
      {words: '/'},
      {name: 'closed', words: t('figures.due_part', {count: format.number(due)})},
    ],
    compared: versus(known ? before : null, () => t('figures.points', {points: format.signed((rate - before) * 100)})),
  };
}

const versus = (before, change) => (typeof before === 'number' ? t('figures.versus', {change: change()}) : t('figures.versus_none'));
