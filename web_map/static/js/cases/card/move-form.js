/** The small form of a move: only what it needs; Enter sends, Esc leaves, and what was typed stays. */
import {element} from '../../element.js';
import {t, titleOf} from '../../i18n.js';
import {Pick} from './pick.js';

const LONGEST = 400;
const STARS = [1, 2, 3, 4, 5];

export class MoveForm {
  /** @param {object} how card, move, fields, given (not asked for), typed (at first), send, leave */
  constructor({card, move, fields, given, typed, send, leave}) {
    Object.assign(this, {card, move, fields, given, sendValues: send, leave, values: {...typed}, controls: {}});
    this.node = element('form.move-form', {noValidate: true, data: {move: move.code}, onsubmit: event => this.#submit(event), onkeydown: event => this.#key(event)});
    this.#write();
  }

  /** Write the form again, in the present language and as the move is now. @param {object} [move] */
  redraw(move) {
    const held = this.fields.find(name => this.controls[name]?.contains?.(document.activeElement));
    if (move) this.move = move;
    const title = this.#title();
    if (this.heading.textContent !== title || this.stood !== this.#standing) {
      this.#write();
      if (held) this.#focusOn(held);
    }
  }

  /** What the form depends on: whether the move may be made, and which levels it reaches. */
  get #standing() {
    return JSON.stringify([this.#hindrance(), this.move.levels]);
  }

  #hindrance() {
    return this.move.allowed ? '' : this.card.words.hindrance(this.move);
  }

  #title() {
    const to = ['post', 'unit'].map(name => this.given[name]).filter(Boolean).map(code => this.card.words.nameOf(code)).join(' · ');
    return [titleOf({title_zh: this.move.title, title_en: this.move.title_en}), to].filter(Boolean).join(' → ');
  }

  #write() {
    this.stood = this.#standing;
    const hindrance = this.#hindrance();
    this.heading = element('p.move-form-title', {}, this.#title());
    this.node.replaceChildren(this.heading, ...this.fields.flatMap(name => this.#field(name)),
      hindrance ? element('p.field-error', {}, hindrance) : '',
      element('div.move-form-end', {}, element('button.primary', {type: 'submit', disabled: !this.move.allowed}, t('moves.send'), element('kbd', {}, '⏎')),
        element('button', {type: 'button', onclick: () => this.leave()}, t('moves.leave'), element('kbd', {}, 'Esc'))));
  }

  #field(name) {
    const id = `move-${name}`;
    const control = this.#control(name, id);
    this.controls[name] = control;
    const error = element('p.field-error', {id: `${id}-error`, role: 'alert'});
    const label = name === 'rating' ? null : element('label', {htmlFor: id}, t(`moves.field.${name}`));
    return [label, control, error].filter(Boolean);
  }

  #control(name, id) {
    const keep = event => { this.values[name] = event.target.value; };
    const common = {id, name, value: this.values[name] ?? '', oninput: keep, autocomplete: 'off', 'aria-describedby': `${id}-error`};
    if (name === 'rating') return this.#stars(id);
    if (name === 'unit' || name === 'post') return new Pick({...common, kind: name, card: this.card, picked: value => { this.values[name] = value; }, values: this.values}).node;
    if (name === 'level') return this.#levels(common);
    if (name === 'until') return element('input', {...common, type: 'datetime-local'});
    return element('input', {...common, type: 'text', maxLength: LONGEST});
  }

  #levels({value, ...common}) {
    const select = element('select', common, ...this.move.levels.map(code => element('option', {value: code}, this.card.words.level(code))));
    select.value = this.move.levels.includes(value) ? value : this.move.levels[0];
    this.values.level = select.value;
    return select;
  }

  #stars(id) {
    const star = value => element('label.star', {}, element('input', {type: 'radio', name: 'rating', value, checked: this.values.rating === String(value), onchange: () => { this.values.rating = String(value); }}), ` ${value}`);
    return element('fieldset.stars', {id}, element('legend', {}, t('moves.field.rating')), ...STARS.map(star));
  }

  focus() {
    this.#focusOn(this.fields.find(name => !this.values[name]) ?? this.fields[0]);
  }

  #focusOn(name) {
    const control = this.controls[name];
    this.node.scrollIntoView({block: 'nearest'});
    (control?.querySelector?.('input, select') ?? control)?.focus({preventScroll: true});
  }

  /** Say what is wrong with a field, beside it. @param {string} name @param {string} text */
  refuse(name, text) {
    const error = this.node.querySelector(`#move-${name}-error`);
    error.textContent = text;
    this.#focusOn(name);
  }

  #submit(event) {
    event.preventDefault();
    for (const error of this.node.querySelectorAll('.field-error[id]')) error.textContent = '';
    const missing = this.fields.find(name => !(this.values[name] ?? '').trim());
    if (missing) this.refuse(missing, t('moves.missing', {field: t(`moves.field.${missing}`)}));
    else this.sendValues(Object.fromEntries(this.fields.map(name => [name, this.values[name]])));
  }

  #key(event) {
    if (event.key === 'Escape') {
      event.stopPropagation();
      this.leave();
    } else if (event.target.name === 'rating' && STARS.includes(Number(event.key))) {
      this.node.querySelector(`[name="rating"][value="${event.key}"]`).click();
    } else if (event.key === 'Enter' && event.target.name === 'rating') {
      event.preventDefault();
      this.node.requestSubmit();
    }
  }
}
