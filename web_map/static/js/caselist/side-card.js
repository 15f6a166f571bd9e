/** The card beside the list, and over it on a phone; its case stands in the address, and Back closes it. */
import {openCase} from '../cases/case-card.js';
import {Drawer} from '../drawer.js';

const PATTERN = /^#case-(\d+)$/;

class CardDrawer extends Drawer {
  /** @param {HTMLElement} node @param {{cover: (open: boolean) => void, left: () => void}} told before it opens or closes, and after it closed */
  constructor(node, told) {
    super(node);
    this.told = told;
  }

  async show(card) {
    this.told.cover(true);
    await super.show(card);
  }

  close() {
    if (!this.isOpen) return;
    this.told.cover(false);
    super.close();
    this.told.left();
  }
}

export class SideCard {
  /** @param {HTMLElement} node @param {string} path @param {{context: object, behind: HTMLElement[], closed: () => void}} parts */
  constructor(node, path, {context, behind, closed}) {
    Object.assign(this, {path, context, behind, closed, phone: matchMedia('(max-width: 700px)')});
    context.drawer = new CardDrawer(node, {cover: open => this.#cover(open), left: () => this.#left()});
    this.phone.addEventListener('change', () => this.#cover(this.isOpen));
    addEventListener('popstate', () => this.follow());
  }

  get isOpen() {
    return this.context.drawer.isOpen;
  }

  /** @param {number} id */
  open(id) {
    const address = `${location.pathname}${location.search}#case-${id}`;
    if (location.hash && this.isOpen) history.replaceState(history.state, '', address);
    else history.pushState({card: true}, '', address);
    openCase(this.path, id, this.context);
  }

  close() {
    this.context.drawer.close();
  }

  /** Show what the address says. */
  follow() {
    const [, id] = location.hash.match(PATTERN) ?? [];
    if (!id) this.close();
    else if (this.context.card?.id !== Number(id)) openCase(this.path, Number(id), this.context);
  }

  #left() {
    this.closed();
    if (!PATTERN.test(location.hash)) return;
    if (history.state?.card) history.back();
    else history.replaceState(null, '', `${location.pathname}${location.search}`);
  }

  /** On a phone the card covers the page: nothing behind it takes the focus. */
  #cover(open) {
    document.documentElement.dataset.card = open ? 'open' : '';
    for (const node of this.behind) node.inert = open && this.phone.matches;
  }
}
