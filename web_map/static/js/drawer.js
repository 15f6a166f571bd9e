/** The drawer at the side: one card at a time, with loading and failed states. */
import {element, stateLine} from './element.js';
import {reasonOf, t} from './i18n.js';

export class Drawer {
  #asked = 0;
  #again = null;
  #opener = null;
  #closed = null;

  /** @param {HTMLElement} node */
  constructor(node) {
    this.node = node;
    document.addEventListener('words', () => this.#again?.());
    node.addEventListener('keydown', event => {
      if (event.key === 'Escape') { event.stopPropagation(); this.close(); }
    });
  }

  /** @returns {boolean} */
  get isOpen() {
    return !this.node.hidden;
  }

  /**
   * Fetch and show a card; after a failure the reader may try again.
   * @template T
   * @param {object} card
   * @param {string} card.title shown while loading
   * @param {() => Promise<T>} card.fetch
   * @param {(content: T) => {title: string, subtitle?: string, body: Node[]}} card.render
   * @param {() => void} [card.closed] called once when the card goes
   */
  async show(card) {
    const asked = (this.#asked += 1);
    this.#leave();
    this.#closed = card.closed ?? null;
    if (!this.isOpen) this.#opener = document.activeElement;
    this.#fill({title: card.title, body: [stateLine('loading', t('state.loading'))]});
    try {
      const content = await card.fetch();
      if (asked !== this.#asked) return;
      this.#again = () => this.#fill(card.render(content));
      this.#again();
      this.#focusFirst();
    } catch (error) {
      if (asked !== this.#asked) return;
      const retry = {label: t('state.retry'), act: () => this.show(card)};
      this.#fill({title: card.title, body: [stateLine('failed', t('state.failed', {reason: reasonOf(error)}), retry)]});
    }
  }

  /** Close, and give the focus back to where it came from. */
  close() {
    if (!this.isOpen) return;
    this.#asked += 1;
    this.#leave();
    this.node.hidden = true;
    this.node.replaceChildren();
    this.#opener?.focus?.({preventScroll: true});
  }

  #leave() {
    this.#again = null;
    this.#closed?.();
    this.#closed = null;
  }

  #focusFirst() {
    const first = this.node.querySelector('[data-first]') ?? this.node;
    first.focus({preventScroll: true});
  }

  #fill({title, subtitle, body}) {
    const close = element('button.icon-button', {type: 'button', 'aria-label': t('drawer.close'), title: t('drawer.close'), onclick: () => this.close()}, '✕');
    const heading = element('h2.drawer-title', {title}, title);
    const head = element('header.drawer-head', {}, element('div.drawer-words', {}, heading, subtitle ? element('p.muted.small', {}, subtitle) : null), close);
    this.node.hidden = false;
    this.node.setAttribute('aria-label', title);
    this.node.replaceChildren(head, element('div.drawer-body', {}, ...body));
  }
}
