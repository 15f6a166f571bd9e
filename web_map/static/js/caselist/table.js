/** The rows on the page: those that did not change keep their nodes, and what one reads stays where it is. */
import {isOverdue} from '../cases/entry.js';
import {element} from '../element.js';
import {t} from '../i18n.js';
import {COLUMNS, dueWords, rowOf} from './row.js';

const SOON_MS = 50;

export class CaseTable {
  #nodes = new Map();
  #current = null;
  #soon = 0;

  /** @param {HTMLElement} frame that scrolls @param {import('./list.js').CaseList} list */
  constructor(frame, list) {
    Object.assign(this, {frame, list});
    this.head = element('thead', {});
    this.body = element('tbody', {});
    this.node = element('table.case-table', {role: 'grid', 'aria-multiselectable': 'true'}, this.head, this.body);
    this.node.addEventListener('focusin', ({target}) => this.#note(target.closest('tr')));
    frame.prepend(this.node);
  }

  /** The row that has the focus, or had it last. @returns {number | null} */
  get current() {
    return this.#current;
  }

  /** Draw every row anew, once for all reasons of a moment: words, names or colours changed. */
  redraw() {
    this.#soon ||= setTimeout(() => {
      this.#soon = 0;
      this.head.replaceChildren(headRow());
      for (const row of this.#nodes.values()) row.look = '';
      this.draw();
    }, SOON_MS);
  }

  /** Time passed: say again how much of each limit is left. */
  tick() {
    const now = Date.now();
    for (const row of this.#nodes.values()) {
      const {feature: {properties}, node} = row;
      if (isOverdue(properties, now) === 'overdue' in node.dataset) node.querySelector('.cell-due').replaceChildren(...dueWords(properties, this.list.context));
      else row.look = '';
    }
    this.draw();
  }

  draw() {
    const {rows, selected, gone} = this.list.rows;
    const top = this.#topRow();
    const held = this.body.contains(document.activeElement) ? this.#current : null;
    if (!this.head.childElementCount) this.head.replaceChildren(headRow());
    this.node.setAttribute('aria-label', t('cases.title'));
    const kept = new Map();
    for (const feature of rows) {
      const look = [selected, gone, this.list.changed].map(set => Number(set.has(feature.id))).join('');
      const known = this.#nodes.get(feature.id);
      kept.set(feature.id, known?.feature === feature && known.look === look ? known : {feature, look, node: rowOf(feature, this.list)});
    }
    this.#nodes = kept;
    this.#place([...kept.values()].map(({node}) => node));
    if (!kept.has(this.#current)) this.#current = null;
    (kept.get(this.#current)?.node ?? this.body.firstElementChild)?.setAttribute('tabindex', '0');
    if (top) this.#keepAt(top);
    if (held !== null) kept.get(held)?.node.focus({preventScroll: true});
  }

  #place(nodes) {
    const wanted = new Set(nodes);
    for (const child of [...this.body.children]) if (!wanted.has(child)) child.remove();
    nodes.forEach((node, index) => {
      if (this.body.children[index] !== node) this.body.insertBefore(node, this.body.children[index] ?? null);
    });
  }

  #topRow() {
    const edge = Math.max(0, this.frame.getBoundingClientRect().top);
    const found = [...this.#nodes].find(([, {node}]) => node.isConnected && node.getBoundingClientRect().bottom > edge);
    return found && {id: found[0], y: found[1].node.getBoundingClientRect().top};
  }

  /** Rows above may have gone: what was read stays where it was. */
  #keepAt({id, y}) {
    const moved = (this.#nodes.get(id)?.node.getBoundingClientRect().top ?? y) - y;
    const scrolls = this.frame.scrollHeight > this.frame.clientHeight ? this.frame : document.scrollingElement;
    if (moved) scrolls.scrollTop += moved;
  }

  /** Put the focus on a row. @param {number | null} id */
  focus(id) {
    const row = this.#nodes.get(id)?.node;
    row?.focus({preventScroll: true});
    row?.scrollIntoView({block: 'nearest'});
  }

  #note(row) {
    if (!row?.dataset.id) return;
    this.#nodes.get(this.#current)?.node.setAttribute('tabindex', '-1');
    this.#current = Number(row.dataset.id);
    row.setAttribute('tabindex', '0');
  }
}

const headRow = () => element('tr', {}, element('th.cell-select', {scope: 'col'}, element('span.visually-hidden', {}, t('column.select'))),
  ...COLUMNS.map(name => element(`th.cell-${name}`, {scope: 'col'}, t(`column.${name}`))));
