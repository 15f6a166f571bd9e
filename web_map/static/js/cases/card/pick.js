/** Picking a unit or a post by typing: a combobox over the town's registers, the proposed ones first. */
import {ApiError, getJson} from '../../api.js';
import {element} from '../../element.js';
import {reasonOf, t} from '../../i18n.js';
import {matching} from './pick-model.js';

const MOST = 1000;
const READ = {
  unit: async () => (await getJson('/collections/organisations/items', {limit: MOST})).features.map(({properties}) => ({code: properties.code, label: properties.name, detail: properties.code})),
  post: async unit => (await getJson('/collections/duties/items', {limit: MOST, organisation_code: unit})).features.map(({properties}) => ({code: properties.code, label: [properties.holder || properties.title, properties.holder ? properties.title : ''].filter(Boolean).join(' · '), detail: properties.grid_code ?? properties.organisation_code ?? ''})),
};
let count = 0;

export class Pick {
  #options = null;
  #shown = [];
  #active = 0;

  /** @param {object} how id, name, kind (unit or post), card, values of the form, picked */
  constructor({id, name, value, kind, card, picked, values, 'aria-describedby': describedBy}) {
    Object.assign(this, {kind, card, picked, values});
    this.listId = `pick-${count += 1}`;
    this.list = element('ul.pick-list', {id: this.listId, role: 'listbox', hidden: true});
    this.input = element('input', {
      id, name, type: 'text', autocomplete: 'off', value: value ? card.words.nameOf(value) : '', placeholder: t(`moves.pick.${kind}`),
      role: 'combobox', 'aria-expanded': 'false', 'aria-controls': this.listId, 'aria-autocomplete': 'list', 'aria-describedby': describedBy,
      oninput: () => this.#typed(), onfocus: () => this.#typed(), onkeydown: event => this.#key(event), onblur: () => setTimeout(() => this.#close(), 150),
    });
    this.node = element('div.pick', {}, this.input, this.list);
  }

  async #typed() {
    if (!this.input.value.trim()) this.picked('');
    try {
      this.#options ??= [...this.#proposed(), ...await READ[this.kind](this.kind === 'post' ? this.values.unit : undefined)];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#show([], t('state.failed', {reason: reasonOf(error)}));
      return;
    }
    if (document.activeElement !== this.input) return;
    this.#active = 0;
    const found = matching(this.#options, this.input.value);
    this.#show(found, found.length ? '' : t('search.empty', {q: this.input.value}));
  }

  #proposed() {
    return this.card.proposals.map(({unit, unit_name: name, post, title, holder}) => (this.kind === 'unit' ? {code: unit, label: name ?? unit, detail: unit} : {code: post, label: [holder || title, holder ? title : ''].filter(Boolean).join(' · '), detail: name ?? ''})).filter(({code}) => code);
  }

  #show(options, empty) {
    this.#shown = options;
    this.list.replaceChildren(...options.map((option, index) => this.#option(option, index)), ...(empty ? [element('li.state', {}, empty)] : []));
    this.list.hidden = false;
    this.input.setAttribute('aria-expanded', 'true');
    this.input.setAttribute('aria-activedescendant', options.length ? `${this.listId}-${this.#active}` : '');
  }

  #option({label, detail, code}, index) {
    return element('li.pick-option', {id: `${this.listId}-${index}`, role: 'option', 'aria-selected': String(index === this.#active), data: {code}, onmousedown: event => { event.preventDefault(); this.#take(index); }},
      element('span.ellipsis', {title: label}, label), element('span.small.muted', {}, detail));
  }

  #take(index) {
    const option = this.#shown[index];
    this.input.value = option.label;
    this.card.words.learn([[option.code, option.label]]);
    this.picked(option.code);
    this.#close();
  }

  #close() {
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
  }

  /** Enter takes the marked one while the list is open, and sends the form after. */
  #key(event) {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step && this.#shown.length) {
      this.#active = (this.#active + step + this.#shown.length) % this.#shown.length;
      this.#show(this.#shown, '');
      event.preventDefault();
    } else if (event.key === 'Enter' && !this.list.hidden && this.#shown.length) {
      this.#take(this.#active);
      event.preventDefault();
    } else if (event.key === 'Escape' && !this.list.hidden) {
      this.#close();
      event.stopPropagation();
    }
  }
}
