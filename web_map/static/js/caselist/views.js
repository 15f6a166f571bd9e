/** Views: filters with a name. A few are ready; those of an account are kept by the server, a visitor's by the browser. */
import {ApiError} from '../api.js';
import {replaceKept} from '../cases/card/focus.js';
import {same} from '../cases/filter-object.js';
import {element} from '../element.js';
import {reasonOf, t} from '../i18n.js';
import {dayOf} from './days.js';

/** @param {string} zone of the town @returns {[string, Record<string, string>][]} views that everybody has */
const READY = zone => [
  ['all', {}], ['live', {live: 'true'}], ['new', {stage: 'reported'}], ['overdue', {overdue: 'true'}],
  ['today', {from: dayOf(new Date(), zone)}], ['unlocated', {live: 'true', located: 'false'}],
];

export class Views {
  #kept = [];
  /** @type {HTMLFormElement | null} while a view is being named */
  #naming = null;

  /** @param {HTMLElement} node @param {import('./view-store.js').ViewStore} store @param {{filters: object, context: object}} parts */
  constructor(node, store, {filters, context}) {
    Object.assign(this, {node, store, filters, context});
    filters.addEventListener('change', () => this.draw());
    document.addEventListener('words', () => this.draw());
    this.draw();
    this.#do(async () => { this.#kept = await store.list(); });
  }

  get #ready() {
    return READY(this.context.town.time_zone).map(([name, filter]) => ({key: `ready-${name}`, name: t(`view.${name}`), filter}));
  }

  draw() {
    const chosen = [...this.#ready, ...this.#kept].find(({filter}) => same(filter, this.filters.filter));
    const option = ({key, name}) => element('option', {value: key}, name);
    const select = element('select', {id: 'view', data: {key: 'view'}, onchange: event => this.#use(event.target.value)},
      ...(chosen ? [] : [element('option', {value: ''}, t('view.unsaved'))]), ...this.#ready.map(option),
      this.#kept.length ? element('optgroup', {label: t('view.own')}, ...this.#kept.map(option)) : '');
    select.value = chosen?.key ?? '';
    const own = this.#kept.includes(chosen);
    const held = this.#naming?.contains(document.activeElement) ? document.activeElement : null;
    replaceKept(this.node, element('label.visually-hidden', {htmlFor: 'view'}, t('view.title')), select,
      chosen || this.#naming ? null : element('button', {type: 'button', data: {key: 'save'}, onclick: () => this.#name()}, t('view.save')),
      own ? element('button', {type: 'button', data: {key: 'forget'}, onclick: () => this.#do(async () => { await this.store.remove(chosen); this.#kept = await this.store.list(); })}, t('view.forget')) : null,
      this.#naming);
    held?.focus();
  }

  #use(key) {
    const view = [...this.#ready, ...this.#kept].find(one => one.key === key);
    if (view) this.filters.replace(view.filter);
  }

  #name() {
    this.#naming = this.#form();
    this.draw();
    this.node.querySelector('[name="view-name"]').focus();
  }

  #form() {
    const leave = () => { this.#naming = null; this.draw(); };
    const save = event => {
      event.preventDefault();
      const name = event.target.elements['view-name'].value.trim();
      const filter = {...this.filters.filter};
      leave();
      if (name) this.#do(async () => { await this.store.add(name, filter); this.#kept = await this.store.list(); });
    };
    return element('form.view-form', {onsubmit: save, onkeydown: event => { if (event.key === 'Escape') { event.stopPropagation(); leave(); } }},
      element('input', {name: 'view-name', required: true, maxLength: 60, autocomplete: 'off', 'aria-label': t('view.name'), placeholder: t('view.name')}), element('button.primary', {type: 'submit'}, t('view.save')));
  }

  async #do(act) {
    try {
      await act();
      this.context.notices.clear('views');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.context.notices.failed('views', t('view.failed', {reason: reasonOf(error)}), () => this.#do(act));
    }
    this.draw();
  }
}
