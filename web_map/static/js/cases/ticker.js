/** The ticker: new cases by time; a click flies there. */
import {getJson} from '../api.js';
import {element, stateLine} from '../element.js';
import {reasonOf, t, wordFor} from '../i18n.js';
import {entryOf} from './entry.js';
import {caseIcon} from './symbols.js';
import {TickerModel} from './ticker-model.js';

const FIRST = 40;
const REDRAW_MS = 200;
const DAY_MS = 86_400_000;

export class Ticker {
  #model = new TickerModel();
  #timer = 0;
  #nodes = new Map();
  #state = 'loading';

  /** @param {HTMLElement} node @param {string} path @param {object} parts */
  constructor(node, path, {context, filters, chosen}) {
    Object.assign(this, {node, path, context, filters, chosen});
    context.names.addEventListener('named', () => { this.#nodes.clear(); this.#later(); });
    this.list = element('ol.ticker-list', {});
    this.head = element('header.panel-head', {});
    node.replaceChildren(this.head, this.list);
    filters.addEventListener('change', () => this.refresh());
    document.addEventListener('words', () => { this.#nodes.clear(); this.#later(); });
    this.#later();
  }

  /** Fetch the newest cases of the present filter. */
  async refresh() {
    try {
      const {features} = await getJson(`${this.path}/items`, {limit: FIRST, ...this.filters.query()});
      this.#model.replace(features.map(feature => entryOf(feature, this.context.names)).sort((a, b) => Date.parse(a.at) - Date.parse(b.at)));
      this.#state = features.length ? 'shown' : 'empty';
    } catch (error) {
      this.#state = 'failed';
      this.error = error;
    }
    this.#later();
  }

  /** @param {object} feature @param {{kinds: string[], shown: boolean}} news what happened to it, and whether the filter finds it */
  arrive(feature, {kinds, shown}) {
    const entry = entryOf(feature, this.context.names);
    const isKnown = this.#model.update(entry);
    if (isKnown && !shown && !this.filters.isPlain) this.#model.remove(entry.id);
    else if (!isKnown && shown && (kinds.includes('reported') || !this.filters.isPlain)) this.#model.add(entry, performance.now());
    if (this.#state !== 'failed') this.#state = this.#model.lines().length ? 'shown' : 'empty';
    this.#later();
  }

  /** Time has passed: some lines are overdue now. @param {number[]} ids */
  age(ids) {
    for (const {key, latest} of this.#model.lines().filter(line => ids.includes(line.latest.id))) {
      latest.overdue = true;
      this.#nodes.delete(key);
    }
    this.#later();
  }

  /** Draw soon, at most five times a second. */
  #later() {
    this.#timer ||= setTimeout(() => this.#render(), REDRAW_MS);
  }

  #render() {
    this.#timer = 0;
    const busy = this.#model.busy(performance.now());
    this.head.replaceChildren(element('h2', {}, t('ticker.title')), element('span.muted.small', {}, busy ? t('ticker.grouped') : ''));
    if (this.#state === 'shown') this.#place(this.#model.lines().map(line => this.#node(line)));
    else this.list.replaceChildren(element('li', {}, this.#stateLine()));
  }

  /** Lines that did not change keep their node, so that a busy ticker costs little and focus stays. */
  #node(line) {
    const {key, latest, count} = line;
    const known = this.#nodes.get(key);
    if (known?.latest === latest && known.count === count) return known.node;
    const node = this.#line(line);
    this.#nodes.set(key, {latest, count, node});
    return node;
  }

  #place(nodes) {
    const kept = new Set(nodes);
    for (const child of [...this.list.children]) if (!kept.has(child)) child.remove();
    nodes.forEach((node, index) => { if (this.list.children[index] !== node) this.list.insertBefore(node, this.list.children[index] ?? null); });
    for (const [key, {node}] of this.#nodes) if (!kept.has(node)) this.#nodes.delete(key);
  }

  #stateLine() {
    if (this.#state === 'failed') return stateLine('failed', t('state.failed', {reason: reasonOf(this.error)}), {label: t('state.retry'), act: () => this.refresh()});
    return stateLine(this.#state, t(this.#state === 'empty' ? 'ticker.empty' : 'state.loading'));
  }

  #line({key, latest, count}) {
    const {format} = this.context;
    const grouped = count > 1;
    const title = grouped ? t('ticker.group', {count: format.number(count), title: latest.title}) : latest.title;
    const place = placeOf(latest);
    const label = `${wordFor('severity', latest.severity)} ${wordFor('stage', latest.stage)} ${title} ${place}`;
    return element('li', {}, element('button.line', {type: 'button', 'aria-label': label, data: {key, urgent: latest.severity === 1}, onclick: () => this.chosen(latest, grouped)},
      caseIcon(latest),
      element('span.line-title.ellipsis', {title}, title),
      element('time.line-time.small', {dateTime: latest.at}, shownTime(latest.at, format)),
      element('span.line-place.muted.small.ellipsis', {title: place}, place)));
  }
}

/** Seconds matter today; of an older case the day does. */
const shownTime = (at, format) => (Date.now() - Date.parse(at) < DAY_MS ? format.seconds(at) : format.moment(at));

/** Whose a case is; at a border the other side sees itself named too. */
function placeOf({gridName, borders, address}) {
  if (gridName && borders.length) return t('ticker.border', {grid: gridName, others: borders.join('、')});
  return gridName ?? address ?? t('case.unlocated');
}
