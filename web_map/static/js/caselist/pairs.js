/** Pairs of open cases that are likely the same: each opens, and a dispatcher merges one into the other. */
import {ApiError, actOn, getFeature, getJson} from '../api.js';
import {element, stateLine} from '../element.js';
import {replaceKept} from '../cases/card/focus.js';
import {likenessWords} from '../cases/likeness.js';
import {mergeForm} from '../cases/merge-form.js';
import {caseIcon} from '../cases/symbols.js';
import {reasonOf, t} from '../i18n.js';

const LOOKED_THROUGH = 500;
const MERGERS = ['dispatcher', 'administrator'];

export class Pairs {
  #pairs = [];
  #failed = '';
  #loading = false;
  #asked = 0;
  #entering = false;

  /** @param {{panel: HTMLElement, button: HTMLElement}} nodes @param {import('./list.js').CaseList} list @param {object} context */
  constructor({panel, button}, list, context) {
    Object.assign(this, {panel, button, list, context});
    button.addEventListener('click', () => this.toggle());
    panel.addEventListener('keydown', event => this.#key(event));
    document.addEventListener('words', () => this.draw());
    context.names.addEventListener('named', () => this.draw());
    list.filters.addEventListener('change', () => this.refresh());
    this.draw();
  }

  get #mayMerge() {
    return this.context.account.roles.some(role => MERGERS.includes(role));
  }

  toggle() {
    if (this.panel.hidden) this.open();
    else this.close();
  }

  /** The focus goes to the first pair as soon as it is there. */
  open() {
    this.panel.hidden = false;
    this.panel.focus();
    this.#entering = true;
    this.refresh();
  }

  close() {
    this.panel.hidden = true;
    this.draw();
    this.button.focus();
  }

  /** Ask for the pairs among the cases that the list's address asks for. */
  async refresh() {
    const asked = (this.#asked += 1);
    this.#loading = true;
    this.draw();
    try {
      const {pairs} = await getJson(`${this.list.path}/likely`, {...this.list.filters.query(), limit: LOOKED_THROUGH});
      if (asked !== this.#asked) return;
      this.#failed = '';
      this.#pairs = pairs;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asked !== this.#asked) return;
      this.#failed = reasonOf(error);
    }
    this.#loading = false;
    this.draw();
  }

  draw() {
    const count = this.context.format.number(this.#pairs.length);
    this.button.textContent = t('pairs.button', {count});
    this.button.dataset.count = this.#pairs.length;
    this.button.setAttribute('aria-expanded', String(!this.panel.hidden));
    if (this.panel.hidden) return;
    replaceKept(this.panel, this.#head(), this.#body());
    if (!this.#entering || this.#loading) return;
    this.#entering = false;
    if (document.activeElement === this.panel) this.panel.querySelector('.line')?.focus();
  }

  #head() {
    const close = element('button.icon-button', {type: 'button', 'aria-label': t('drawer.close'), onclick: () => this.close()}, '✕');
    return element('header.pairs-head', {}, element('h2', {}, t('pairs.title')), element('span.muted.small', {}, t(this.#mayMerge ? 'pairs.hint' : 'pairs.who')), close);
  }

  #body() {
    if (this.#failed) return stateLine('failed', t('state.failed', {reason: this.#failed}), {label: t('state.retry'), act: () => this.refresh()});
    if (this.#pairs.length) return element('ol.pair-list', {}, ...this.#pairs.map(pair => this.#pair(pair)));
    return stateLine(this.#loading ? 'loading' : 'empty', t(this.#loading ? 'state.loading' : 'pairs.empty'));
  }

  #pair(pair) {
    const {case: later, into} = pair;
    const slot = element('div.merge-slot', {});
    const merge = this.#mayMerge ? element('button', {type: 'button', data: {key: `merge-${later.id}-${into.id}`, merge: later.id}, onclick: () => this.#begin(pair, slot)}, t('pairs.merge')) : null;
    return element('li.pair', {data: {case: later.id, into: into.id}},
      this.#line(later, 'pairs.case', pair), this.#line(into, 'pairs.into', pair),
      element('p.pair-end', {}, element('span.small.muted', {}, likenessWords(pair, this.context.format)), merge), slot);
  }

  #line(row, words, {case: later, into}) {
    const {names, format} = this.context;
    const told = [row.number, row.address].filter(Boolean).join(' · ');
    return element('button.line', {type: 'button', data: {key: `pair-${later.id}-${into.id}-${row.id}`, id: row.id}, onclick: () => this.list.open(row.id)}, caseIcon(row),
      element('span.line-title.ellipsis', {}, `${t(words)} · ${names.category(row.category)}`),
      element('time.line-time.small', {dateTime: row.reported_at}, format.minutes(row.reported_at)),
      element('span.line-place.muted.small.ellipsis', {title: told}, told));
  }

  /** Ask for the reason; the merge is based on the case as it was listed. */
  #begin({case: later, into}, slot) {
    const address = `${this.list.path}/items/${later.id}`;
    let {version} = later;
    const form = mergeForm({
      send: async reason => {
        await actOn(`${address}/merge`, {into: into.id, reason}, version);
        this.context.notices.say(t('merge.done', {number: into.number}));
        this.#gone(later.id);
      },
      stale: async () => { ({version} = await getFeature(address)); },
      leave: () => { slot.replaceChildren(); slot.parentElement.querySelector('[data-merge]').focus(); },
    });
    slot.replaceChildren(form);
    form.querySelector('input').select();
  }

  /** A merged case repeats nothing any more: the next pair takes its place. */
  #gone(id) {
    const at = this.#pairs.findIndex(pair => pair.case.id === id);
    this.#pairs = this.#pairs.filter(pair => pair.case.id !== id && pair.into.id !== id);
    this.draw();
    const pairs = this.panel.querySelectorAll('.pair');
    (pairs[Math.min(at, pairs.length - 1)]?.querySelector('.line') ?? this.panel).focus();
  }

  #key(event) {
    if (event.key === 'Escape') { this.close(); event.stopPropagation(); }
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!step || event.target.matches('input')) return;
    const lines = [...this.panel.querySelectorAll('.line')];
    lines[(lines.indexOf(document.activeElement) + step + lines.length) % lines.length]?.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}
