/** Dispatching several cases at once: a list with boxes, one key that sends, and what became of each. */
import {ApiError, getFeature, postJson} from '../../api.js';
import {signInLink} from '../../account.js';
import {element, stateLine} from '../../element.js';
import {reasonOf, t} from '../../i18n.js';
import {replaceKept} from '../card/focus.js';
import {SidePanel} from '../side-panel.js';
import {Choice, versionsOf} from './choice.js';
import {outcome} from './outcome.js';
import {Proposed} from './proposed.js';
import {waitingLine} from './waiting-line.js';

const SHOWN = 100;

export class Batch extends SidePanel {
  first = 'input';
  #cases = [];
  #busy = false;

  /** @param {{panel: HTMLElement, button: HTMLElement}} nodes @param {string} path @param {object} parts */
  constructor(nodes, path, {context, queue, chosen}) {
    super(nodes, context);
    const {panel} = nodes;
    Object.assign(this, {path, queue, chosen, choice: new Choice(), proposed: new Proposed(path, () => this.#draw())});
    queue.addEventListener('change', () => { this.#button(); if (!panel.hidden && this.state === 'shown' && queue.count !== this.#cases.length) this.refresh(); });
    document.addEventListener('words', () => { this.#button(); if (!panel.hidden) this.#draw(); });
    this.#button();
  }

  async filled() {
    this.choice.clear();
    this.state = 'loading';
    this.#draw();
    await this.refresh();
  }

  /** What became of a batch stays until it is left. */
  async again() {
    if (this.state !== 'done') await this.refresh();
  }

  focus() {
    (this.panel.querySelector(this.first) ?? this.panel).focus();
  }

  async refresh() {
    try {
      this.#cases = (await this.queue.list()).slice(0, SHOWN);
      this.choice.keep(this.#cases.map(({id}) => id));
      this.state = 'shown';
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      Object.assign(this, {state: 'failed', reason: reasonOf(error)});
    }
    this.#draw();
    this.proposed.ask(this.#cases, () => !this.panel.hidden && this.state === 'shown');
  }

  #draw() {
    replaceKept(this.panel, this.#head(), this.#body());
  }

  #head() {
    return element('header.panel-head', {}, element('h2', {}, t('batch.title')), element('span.muted.small', {}, t('batch.hint')));
  }

  #body() {
    if (this.state === 'loading') return stateLine('loading', t('state.loading'));
    if (this.state === 'failed') return stateLine('failed', t('state.failed', {reason: this.reason}), {label: t('state.retry'), act: () => this.refresh()});
    if (this.state === 'done') return outcome(this.result, this);
    if (!this.#cases.length) return stateLine('empty', t('batch.empty'));
    const lines = this.#cases.map(feature => waitingLine(feature, {
      context: this.context, chosen: this.choice.has(feature.id), proposal: this.proposed.of(feature.id),
      change: () => { this.choice.toggle(feature.id); this.#draw(); }, open: () => this.chosen(feature),
    }));
    return element('div.batch-body', {}, element('ol.batch-list', {}, ...lines), this.#foot());
  }

  #foot() {
    if (!this.context.account?.account) return element('div.batch-foot', {}, signInLink(t('moves.sign_in')));
    const {size} = this.choice;
    return element('div.batch-foot', {}, element('button', {type: 'button', data: {key: 'all'}, onclick: () => this.#all()}, t('batch.all'), element('kbd', {}, 'A')),
      element('button.primary', {type: 'button', disabled: !size || this.#busy, data: {key: 'send'}, onclick: () => this.send()}, t('batch.send', {count: size}), element('kbd', {}, 'D')));
  }

  #all() {
    this.choice.toggleAll(this.#cases.map(({id}) => id));
    this.#draw();
  }

  /** Send the chosen cases, each to its first proposal. */
  async send() {
    if (!this.choice.size || this.#busy) return;
    this.#busy = true;
    const chosen = this.#cases.filter(({id}) => this.choice.has(id));
    try {
      const cases = await versionsOf(chosen, async id => (await getFeature(`${this.path}/items/${id}`)).version);
      this.result = {...await postJson(`${this.path}/dispatch`, {cases}), cases: chosen};
      this.state = 'done';
      this.choice.clear();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      Object.assign(this, {state: 'failed', reason: reasonOf(error)});
    }
    this.#busy = false;
    this.#draw();
    this.panel.querySelector('button')?.focus();
  }

  #button() {
    this.button.dataset.count = this.queue.count;
    this.button.replaceChildren(t('batch.button'), element('span.queue-count', {}, this.context.format.number(this.queue.count)));
  }

  key(event) {
    const act = {Escape: () => this.close(), a: () => this.#all(), d: () => this.send(), ArrowDown: () => this.#step(1), ArrowUp: () => this.#step(-1)}[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.repeat && event.key === 'd') return;
    act();
    event.preventDefault();
    event.stopPropagation();
  }

  #step(by) {
    const boxes = [...this.panel.querySelectorAll('input[type="checkbox"]')];
    boxes[(boxes.indexOf(document.activeElement) + by + boxes.length) % boxes.length]?.focus();
  }
}
