/** What can be done with the selected cases: dispatch each to its first proposal; those refused are listed with the reason. */
import {ApiError, getFeature, postJson} from '../api.js';
import {replaceKept} from '../cases/card/focus.js';
import {element} from '../element.js';
import {reasonOf, t} from '../i18n.js';

/** At most so many versions are read at once. */
const AT_ONCE = 6;

export class Batch {
  #busy = false;
  #told = null;

  /** @param {HTMLElement} node @param {import('./list.js').CaseList} list @param {object} context */
  constructor(node, list, context) {
    Object.assign(this, {node, list, context});
    list.addEventListener('rows', () => this.draw());
    document.addEventListener('words', () => this.draw());
    this.draw();
  }

  draw() {
    const {size} = this.list.rows.selected;
    this.node.hidden = !size && !this.#told;
    const mayDispatch = Boolean(this.context.account.account);
    const bar = size ? [
      element('span', {role: 'status'}, t('cases.selected', {count: this.context.format.number(size)})),
      element('button.primary', {type: 'button', disabled: this.#busy || !mayDispatch, title: mayDispatch ? '' : t('cases.sign_in'), data: {key: 'dispatch'}, onclick: () => this.dispatch()}, t('cases.dispatch')),
      element('button', {type: 'button', data: {key: 'unselect'}, onclick: () => this.list.unselect()}, t('cases.unselect')),
      mayDispatch ? null : element('span.muted.small', {}, t('cases.sign_in')),
    ] : [];
    replaceKept(this.node, ...bar, this.#told && this.#report(this.#told));
  }

  /** Dispatch the selected cases as the list shows them; one that has changed meanwhile is refused. */
  async dispatch() {
    const ids = [...this.list.rows.selected];
    if (!ids.length || this.#busy || !this.context.account.account) return;
    this.#told = null;
    this.#busy = true;
    this.draw();
    try {
      const cases = await this.#versions(ids);
      this.#told = await postJson(`${this.list.path}/dispatch`, {cases});
      for (const {id} of this.#told.done) this.list.rows.selected.delete(id);
      this.list.hear(this.#told.done.map(({id}) => ({id, kind: 'dispatched'})));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#told = {done: [], refused: [], failed: reasonOf(error)};
    }
    this.#busy = false;
    this.draw();
  }

  async #versions(ids) {
    const waiting = [...ids];
    const cases = [];
    const one = async () => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) cases.push({id, version: this.list.rows.row(id)?.version ?? (await getFeature(`${this.list.path}/items/${id}`)).version});
    };
    await Promise.all(Array.from({length: AT_ONCE}, one));
    return cases;
  }

  #report({done, refused, failed}) {
    const {format} = this.context;
    const number = id => this.list.rows.row(id)?.properties.number ?? id;
    const lines = refused.map(({id, detail, ...why}) => element('li', {}, element('button.plain.link', {type: 'button', onclick: () => this.list.open(id)}, number(id)), ` ${reasonOf({...why, message: detail})}`));
    const words = failed ? t('cases.dispatch_failed', {reason: failed}) : t('cases.dispatched', {done: format.number(done.length), refused: format.number(refused.length)});
    const close = element('button.icon-button', {type: 'button', 'aria-label': t('drawer.close'), onclick: () => { this.#told = null; this.draw(); }}, '✕');
    return element(`div.batch-report${failed || refused.length ? '.failed' : ''}`, {role: 'status'}, element('span', {}, words), close, lines.length ? element('ul', {}, ...lines) : null);
  }
}
