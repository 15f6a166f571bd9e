/** What can be done with a case now: a button and a key for each move, and the form of the one begun. */
import {ApiError, actOn} from '../../api.js';
import {signInLink} from '../../account.js';
import {element} from '../../element.js';
import {t, titleOf} from '../../i18n.js';
import {changesBetween} from './changes.js';
import {replaceKept} from './focus.js';
import {MoveForm} from './move-form.js';
import {refusalWords, sayIn} from './said.js';
import {dispatchMove, fieldsOf, givingMove, instantOf, keyOf, refusedField, stepBody} from './move-model.js';

export class Moves {
  #form = null;
  #busy = false;

  /** @param {import('../case-card.js').CaseCard} card */
  constructor(card) {
    this.card = card;
    this.buttons = element('div.move-buttons', {});
    this.slot = element('div.move-slot', {});
    this.said = element('p.move-said', {role: 'status', hidden: true});
    this.node = element('section.card-part.moves', {data: {part: 'moves'}}, this.buttons, this.slot, this.said);
  }

  get all() {
    return this.card.view?.moves ?? [];
  }

  /** @returns {boolean} whether the moves shown are those of the case as it is; until then none is made */
  get areCurrent() {
    return (this.card.view?.version ?? Infinity) >= this.card.version;
  }

  /** Draw the moves as the server last told them; a form that is open stays as it is. */
  redraw() {
    this.node.hidden = !this.card.view;
    this.node.setAttribute('aria-busy', String(!this.areCurrent || this.#busy));
    replaceKept(this.buttons, ...(this.card.mayHandle ? this.#lists() : [signInLink(t('moves.sign_in'))]));
    this.#form?.redraw(this.all.find(({code}) => code === this.#form.move.code));
  }

  #lists() {
    const [allowed, refused] = [true, false].map(may => this.all.filter(move => Boolean(move.allowed) === may));
    return [
      allowed.length ? element('div.move-list', {}, ...allowed.map(move => this.#button(move))) : null,
      refused.length ? element('details', {data: {key: 'refused'}}, element('summary', {data: {key: 'refused-summary'}}, t('moves.refused', {count: refused.length})),
        element('ul.rows', {}, ...refused.map(move => element('li.refused', {}, this.#button(move), element('span.muted.small', {}, this.card.words.hindrance(move)))))) : null,
    ];
  }

  #button(move) {
    const key = move.allowed ? keyOf(move) : '';
    const first = move === dispatchMove(this.all);
    return element(first ? 'button.move.primary' : 'button.move', {
      type: 'button', title: move.allowed ? this.card.words.behalf(move) : this.card.words.hindrance(move), 'aria-disabled': move.allowed ? null : 'true', 'aria-keyshortcuts': key || null,
      data: {key: `move-${move.code}`, move: move.code, effect: move.effect}, onclick: () => this.begin(move),
    }, titleOf({title_zh: move.title, title_en: move.title_en}), key ? element('kbd', {}, key.toUpperCase()) : null);
  }

  #buttonOf = ({code}) => this.buttons.querySelector(`[data-move="${CSS.escape(code)}"]`);

  /** Put the focus on the move that dispatches, unless the reader is somewhere else already. */
  offer() {
    const move = dispatchMove(this.all);
    if (move?.allowed && this.card.isUntouched) this.#buttonOf(move).focus({preventScroll: true});
  }

  /** Begin a move: send it, or ask for what it needs. @param {object} move @param {Record<string, string>} [given] */
  begin(move, given = {}) {
    if (!this.areCurrent) return;
    if (!move.allowed) { this.say(this.card.words.hindrance(move)); return; }
    const proposed = move === dispatchMove(this.all) && this.card.proposals.length ? ['unit', 'post'] : [];
    const fields = fieldsOf(move).filter(name => !(name in given) && !proposed.includes(name));
    if (fields.length) this.#open(move, fields, given);
    else this.send(move, given);
  }

  /** Dispatch to a proposal, or reassign to it. @param {{unit: string, post: string}} proposal */
  give({unit, post}) {
    const move = givingMove(this.all);
    if (move) this.begin(move, {...(unit ? {unit} : {}), ...(post ? {post} : {})});
  }

  #open(move, fields, given, typed = {}) {
    this.#form = new MoveForm({
      card: this.card, move, fields, given, typed,
      send: values => this.send(move, {...given, ...values}), leave: () => this.leave(),
    });
    this.say('');
    this.slot.replaceChildren(this.#form.node);
    this.#form.focus();
  }

  /** Leave the form; the focus goes back to the move's button. */
  leave() {
    const {move} = this.#form;
    this.#form = null;
    this.slot.replaceChildren();
    (this.#buttonOf(move) ?? this.card.context.drawer.node).focus({preventScroll: true});
  }

  /** @param {object} move @param {Record<string, string>} values by field */
  async send(move, values) {
    if (this.#busy) return;
    this.#busy = true;
    this.redraw();
    const {card} = this;
    try {
      const after = await actOn(`${card.address}/steps`, stepBody(move, values, local => instantOf(local, card.context.town.time_zone)), card.version);
      if (this.#form) this.leave();
      card.take(after);
      this.say(t('moves.done', {move: titleOf({title_zh: move.title, title_en: move.title_en})}), 'done');
      card.context.handled?.(card, move);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await this.#refused(error, move, values);
    } finally {
      this.#busy = false;
      this.redraw();
    }
  }

  async #refused(error, move, values) {
    const before = this.card.feature;
    if (error.status === 412 || error.status === 409) await this.card.refresh();
    if (error.status === 412) {
      const changes = changesBetween(before, this.card.feature).map(change => this.card.words.change(change));
      this.say(t('moves.stale', {changes: changes.join('；') || t('moves.unseen')}), 'failed');
      return;
    }
    const asked = refusalWords(error);
    const field = refusedField(error.member, this.#form?.fields);
    if (field && !this.#form) this.#open(move, [field], {}, values);
    if (field && error.status !== 401) this.#form.refuse(field, asked);
    else this.say(asked, 'failed', error.status === 401);
  }

  /** @param {string} text '' for nothing @param {'done' | 'failed'} [kind] @param {boolean} [signIn] */
  say(text, kind = 'failed', signIn = false) {
    sayIn(this.said, text, {kind, signIn});
  }

  /** @param {string} key @returns {boolean} whether a move has it */
  press(key) {
    const move = this.all.find(one => one.allowed && keyOf(one) === key.toLowerCase());
    if (move) this.begin(move);
    return move !== undefined;
  }
}
