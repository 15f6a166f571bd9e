/** The filter in force as chips that can be taken away, how many cases it finds, and a small form to narrow it. */
import {ApiError, getJson} from '../api.js';
import {element} from '../element.js';
import {hasWord, reasonOf, t, wordFor} from '../i18n.js';
import {replaceKept} from './card/focus.js';
import {chipsOf, writeFilter} from './filter-object.js';
import {filterForm} from './filter-form.js';
import {Recount} from './recount.js';

const EVERY_MS = 500;

export class FilterBar {
  #count = null;
  #asked = 0;
  #recount = new Recount(() => this.refresh(), EVERY_MS);

  /** @param {HTMLElement} node @param {string} path of the collection @param {{context: object, filters: import('./filters.js').Filters}} parts */
  constructor(node, path, {context, filters}) {
    Object.assign(this, {node, path, context, filters});
    this.form = element('div.filter-form', {id: 'filter-form', hidden: true, onkeydown: event => { if (event.key === 'Escape') { event.stopPropagation(); this.toggle(); } }});
    this.line = element('div.filter-line', {});
    node.replaceChildren(this.line, this.form);
    filters.addEventListener('change', () => { this.#count = null; this.redraw(); this.refresh(); });
    context.names.addEventListener('named', () => this.redraw());
    document.addEventListener('words', () => { this.redraw(); if (!this.form.hidden) this.#fill(); });
    this.redraw();
    this.refresh();
  }

  /** Open or close the form. */
  toggle() {
    this.form.hidden = !this.form.hidden;
    this.redraw();
    if (this.form.hidden) this.line.querySelector('[data-key="filter"]').focus();
    else this.#fill();
  }

  async #fill() {
    this.form.replaceChildren(await filterForm(this.path, this.context, this.filters));
    this.form.querySelector('select, input')?.focus();
  }

  /** Something changed: count again soon. */
  touch() {
    this.#recount.touch();
  }

  async refresh() {
    const asked = (this.#asked += 1);
    if (this.filters.isPlain) return;
    try {
      const {count} = await getJson(`${this.path}/count`, this.filters.query());
      if (asked !== this.#asked) return;
      this.#count = count;
      this.context.notices.clear('filter');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asked === this.#asked) this.context.notices.failed('filter', t('filter.failed', {reason: reasonOf(error)}), () => this.refresh());
    }
    this.redraw();
  }

  redraw() {
    const {filters, context: {format}} = this;
    const open = element('button.filter-open', {type: 'button', 'aria-expanded': String(!this.form.hidden), 'aria-controls': 'filter-form', 'aria-keyshortcuts': 'f', data: {key: 'filter'}, onclick: () => this.toggle()}, t('filter.open'), element('kbd', {}, 'F'));
    const chips = chipsOf(filters.filter).map(([name, value]) => this.#chip(name, value));
    const found = this.#count === null ? '' : t('filter.count', {count: format.number(this.#count)});
    const rest = filters.isPlain ? [] : [
      element('span.filter-count', {role: 'status'}, found),
      element('a', {href: `/cases${writeFilter(filters.query(), '')}`, data: {key: 'filter-list'}}, t('filter.list')),
      element('button', {type: 'button', data: {key: 'filter-clear'}, onclick: () => filters.clear()}, t('filter.clear')),
    ];
    replaceKept(this.line, open, ...chips, ...rest);
  }

  #chip(name, value) {
    const words = t('filter.pair', {name: wordFor('filter', name), value: this.#words(name, value)});
    return element('button.chip', {type: 'button', title: words, 'aria-label': t('filter.remove', {what: words}), data: {key: `chip-${name}`, filter: name}, onclick: () => this.filters.set({[name]: null})},
      element('span.ellipsis', {}, words), element('span', {'aria-hidden': 'true'}, '✕'));
  }

  #words(name, value) {
    const {names, format} = this.context;
    const known = {
      area: code => names.area(code), grid_code: code => names.grid(code), category: code => names.category(code),
      bbox: () => t('figures.extent'), from: at => format.moment(at), to: at => format.moment(at), since: at => format.moment(at),
    };
    const family = {figure: 'figure', stage: 'stage', severity: 'severity', source: 'source'}[name];
    if (value === 'none') return t('moves.none');
    if (family) return wordFor(family, value);
    if (value === 'true' || value === 'false') return t(value === 'true' ? 'value.yes' : 'value.no');
    return known[name]?.(value) ?? (hasWord(`${name}.${value}`) ? t(`${name}.${value}`) : value);
  }
}

