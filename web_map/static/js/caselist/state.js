/** How many cases the list has, how many are new to it, and what stands at its end. */
import {ApiError, getJson} from '../api.js';
import {element, stateLine} from '../element.js';
import {t} from '../i18n.js';

const AFTER_EVENTS_MS = 1500;
/** The next page is fetched when the end is so near. */
const AHEAD_PX = 600;

/** @param {{list: import('./list.js').CaseList, table: object, filters: object, context: object, nodes: Record<string, HTMLElement>}} parts */
export function showState({list, table, filters, context, nodes}) {
  const counter = new Counter(nodes.count, {list, filters, context});
  const end = new End(nodes.end, list, context);
  const draw = () => { showFresh(nodes.fresh, {list, table, context}); end.draw(); };
  list.addEventListener('rows', draw);
  list.addEventListener('state', draw);
  list.addEventListener('followed', () => counter.touch());
  filters.addEventListener('change', () => counter.refresh());
  document.addEventListener('words', () => { draw(); counter.draw(); });
  counter.refresh();
}

/** The database's count for the same address. */
class Counter {
  #asked = 0;
  #timer = 0;
  #count = null;

  constructor(node, parts) {
    Object.assign(this, {node, ...parts});
  }

  touch() {
    this.#timer ||= setTimeout(() => { this.#timer = 0; this.refresh(); }, AFTER_EVENTS_MS);
  }

  async refresh() {
    const asked = (this.#asked += 1);
    try {
      const {count} = await getJson(`${this.list.path}/count`, this.filters.query());
      if (asked !== this.#asked) return;
      this.#count = count;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asked === this.#asked) this.#count = null;
    }
    this.draw();
  }

  draw() {
    const {context: {format}} = this;
    this.node.dataset.count = this.#count ?? '';
    this.node.textContent = this.#count === null ? '' : t('list.count', {count: format.number(this.#count)});
  }
}

/** New cases wait behind a button, so that nothing moves under the reader. */
function showFresh(node, {list, table, context: {format}}) {
  const {fresh, dropped} = list.rows;
  const show = async () => { await list.refresh(); table.focus(list.rows.rows[0]?.id); };
  const more = fresh.size ? element('button.fresh-button', {type: 'button', onclick: show}, t('cases.fresh', {count: format.number(fresh.size)})) : null;
  const up = dropped ? element('button', {type: 'button', onclick: show}, t('cases.dropped', {count: format.number(dropped)})) : null;
  node.replaceChildren(...[more, up].filter(Boolean));
}

/** What follows the last row: loading, more, the end, or what failed. */
class End {
  constructor(node, list, context) {
    Object.assign(this, {node, list, context});
    // The list scrolls in its frame on a desk, with the page on a phone: both are heard here.
    document.addEventListener('scroll', () => this.#near(), {capture: true, passive: true});
  }

  draw() {
    const {state, reason, retry, rows} = this.list;
    const lines = {
      loading: () => stateLine('loading', t('state.loading')),
      empty: () => stateLine('empty', t('cases.empty')),
      failed: () => stateLine('failed', t('state.failed', {reason}), {label: t('state.retry'), act: retry}),
      shown: () => (rows.next ? element('button', {type: 'button', onclick: () => this.list.more()}, t('cases.more')) : element('p.muted.small', {}, t('cases.end', {count: this.context.format.number(rows.rows.length + rows.dropped)}))),
    };
    this.node.replaceChildren(lines[state]());
    this.#near();
  }

  #near() {
    if (this.list.state === 'shown' && this.node.getBoundingClientRect().top < innerHeight + AHEAD_PX) this.list.more();
  }
}
