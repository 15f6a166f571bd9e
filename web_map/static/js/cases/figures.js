/** The four figures for what the map shows, each compared with the same time yesterday. */
import {getJson} from '../api.js';
import {element, stateLine} from '../element.js';
import {t} from '../i18n.js';
import {bboxText} from '../lonlat.js';

const NAMES = ['today', 'open', 'overdue', 'closed'];
const AFTER_MOVE_MS = 250;
const EVERY_MS = 1500;
/** Part of the time that counting may take. */
const SHARE = 0.25;

export class Figures {
  #figures = null;
  #dirty = false;
  #asked = 0;

  /** @param {HTMLElement} node @param {string} path of the collection @param {object} context */
  constructor(node, path, {context, filters, counted}) {
    Object.assign(this, {node, path, context, filters, counted});
    let timer;
    context.map.on('moveend', () => { clearTimeout(timer); timer = setTimeout(() => this.refresh(), AFTER_MOVE_MS); });
    filters.addEventListener('change', () => this.render());
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
      if (this.#dirty && !document.hidden) await this.refresh();
      await new Promise(resume => { setTimeout(resume, Math.max(EVERY_MS, (performance.now() - startedAt) / SHARE)); });
    }
  }

  async refresh() {
    this.#dirty = false;
    const asked = (this.#asked += 1);
    try {
      const figures = await getJson(`${this.path}/figures`, {bbox: bboxText(this.context.map.getBounds())});
      if (asked !== this.#asked) return;
      this.#figures = figures;
      this.counted(figures.unlocated);
      this.render();
    } catch (error) {
      if (this.#figures) { this.#dirty = true; return; }
      const retry = {label: t('state.retry'), act: () => this.refresh()};
      this.node.replaceChildren(stateLine('failed', t('state.failed', {reason: error.message}), retry));
    }
  }

  render() {
    if (!this.#figures) return;
    const focused = this.node.contains(document.activeElement) ? document.activeElement.dataset.figure : null;
    const head = element('header.panel-head', {}, element('h2', {}, t('figures.title')), element('span.muted.small', {}, t('figures.extent')));
    this.node.replaceChildren(head, ...NAMES.map(name => this.#figure(name)));
    if (focused) this.node.querySelector(`[data-figure="${focused}"]`).focus();
  }

  #figure(name) {
    const {value, compared, below} = describe(name, this.#figures[name], this.context.format);
    const chosen = this.filters.chosen === name;
    return element('button.figure', {type: 'button', 'aria-pressed': String(chosen), data: {figure: name}, onclick: () => this.filters.choose(name)},
      element('span.figure-name', {}, t(`figures.${name}`)),
      element('span.figure-value', {data: value ? {} : {none: ''}}, value || t('figures.none')),
      below ? element('span.figure-below.small', {}, below) : null,
      element('span.figure-compared.small.muted', {}, compared));
  }
}

function describe(name, figure, format) {
  if (name !== 'closed') {
    return {value: format.number(figure.value), compared: versus(figure.yesterday, () => format.signed(figure.value - figure.yesterday))};
  }
  const {value, due, rate, days, yesterday_rate: before} = figure;
  const known = typeof rate === 'number';
  return {
    value: known ? format.percent(rate) : '',
    below: t('figures.closed_of_due', {closed: format.number(value), due: format.number(due), days}),
    compared: versus(known ? before : null, () => t('figures.points', {points: format.signed((rate - before) * 100)})),
  };
}

const versus = (before, change) => (typeof before === 'number' ? t('figures.versus', {change: change()}) : t('figures.versus_none'));
