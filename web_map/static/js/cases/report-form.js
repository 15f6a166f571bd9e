/** "Report here": a small form for anyone, about the place that /where has just answered for. */
import {ApiError, getJson, postJson} from '../api.js';
import {element, stateLine} from '../element.js';
import {reasonOf, t, titleOf} from '../i18n.js';
import {Keys, byClass, fieldOf, reportBody} from './report-body.js';
import {receipt} from './report-receipt.js';

const PATH = '/collections/incidents';
const LONGEST = 1000;

export class ReportForm {
  #keys = new Keys();
  #categories = null;
  #spot = null;
  #fields = {};

  /** @param {HTMLElement} node where the form lives; hidden until there is a place to report */
  constructor(node) {
    this.node = node;
    this.body = element('div.report-body', {});
    this.summary = element('summary', {});
    this.details = element('details.report', {ontoggle: () => this.#opened()}, this.summary, this.body);
    node.replaceChildren(this.details);
    document.addEventListener('words', () => this.#rewrite());
  }

  /**
   * Take the place that a report is about; a receipt of a former place goes.
   * @param {{place: object, choices: object[], chosen: string}} spot
   */
  at(spot) {
    const moved = spot.place !== this.#spot?.place;
    this.#spot = spot;
    this.node.hidden = !spot.choices.length;
    this.summary.textContent = t('report.title');
    if (moved && this.#receipt) this.#write();
    this.#nameGrid();
  }

  get #receipt() {
    return this.body.querySelector('.receipt');
  }

  async #opened() {
    if (!this.details.open || this.#categories) return;
    this.body.replaceChildren(stateLine('loading', t('state.loading')));
    try {
      this.#categories = (await getJson(`${PATH}/categories`)).categories;
      this.#write();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.body.replaceChildren(stateLine('failed', t('state.failed', {reason: reasonOf(error)}), {label: t('state.retry'), act: () => this.#opened()}));
    }
  }

  /** In another language what was typed stays. */
  #rewrite() {
    this.summary.textContent = t('report.title');
    if (!this.#categories || this.#receipt) return;
    const [category, description] = ['category', 'description'].map(name => this.#fields[name].value);
    this.#write();
    Object.assign(this.#fields.category, {value: category});
    Object.assign(this.#fields.description, {value: description});
  }

  #write() {
    const category = element('select', {id: 'report-category', name: 'category'}, element('option', {value: ''}, t('report.choose')), ...byClass(this.#categories).map(optionsOf));
    const description = element('textarea', {id: 'report-description', name: 'description', rows: 3, maxLength: LONGEST});
    this.#fields = {category, description};
    this.goesTo = element('p.muted.small', {});
    this.failure = element('div', {role: 'alert'});
    this.send = element('button.primary', {type: 'submit'}, t('report.send'));
    this.body.replaceChildren(element('form.report-form', {noValidate: true, onsubmit: event => this.#submit(event)},
      ...labelled(category, 'report.category'), ...labelled(description, 'report.description'), this.goesTo, this.failure, this.send));
    this.#nameGrid();
  }

  /** Say who will get the report, before it is sent. */
  #nameGrid() {
    if (!this.goesTo || !this.#spot) return;
    const {choices, chosen} = this.#spot;
    const grid = choices.find(({code}) => code === chosen);
    const words = grid ? 'report.to_chosen' : choices.length > 1 ? 'report.by_place' : 'report.to';
    this.goesTo.textContent = t(words, {name: (grid ?? choices[0])?.name});
  }

  async #submit(event) {
    event.preventDefault();
    const {place, choices, chosen} = this.#spot;
    const {category, description} = this.#fields;
    const body = reportBody(place, {category: category.value, description: description.value}, chosen);
    this.#clearErrors();
    this.send.disabled = true;
    try {
      const stored = await postJson(`${PATH}/items`, body, {'idempotency-key': this.#keys.keyOf(body)});
      this.#keys.taken();
      const reported = this.#categories.find(({code}) => code === category.value);
      this.body.replaceChildren(receipt(stored, {choices, chosen, category: reported}, () => this.#again()));
      this.#receipt.focus();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#refused(error);
    } finally {
      this.send.disabled = false;
    }
  }

  #again() {
    this.#write();
    this.#fields.category.focus();
  }

  #clearErrors() {
    this.failure.replaceChildren();
    for (const field of Object.values(this.#fields)) say(field, '');
  }

  /** Tell what is wrong beside the field that it is about. */
  #refused({member, message}) {
    const field = this.#fields[fieldOf(member)];
    if (!field) {
      this.failure.replaceChildren(stateLine('failed', t('report.refused', {reason: message})));
      return;
    }
    say(field, field.value ? message : t('report.missing'));
    field.focus();
  }
}

/** Write what is wrong with a field beside it; '' when nothing is. */
function say(field, wrong) {
  field.setAttribute('aria-invalid', String(Boolean(wrong)));
  field.nextElementSibling.textContent = wrong;
}

const optionsOf = ({items, ...group}) => element('optgroup', {label: titleOf({title_zh: group.class, title_en: group.class_en})},
  ...items.map(({code, item, item_en: english}) => element('option', {value: code}, titleOf({title_zh: item, title_en: english}))));

/** A field between its label and the place where its error stands. */
function labelled(field, words) {
  field.setAttribute('aria-describedby', `${field.id}-error`);
  return [element('label', {htmlFor: field.id}, t(words)), field, element('p.field-error', {id: `${field.id}-error`, role: 'alert'})];
}
