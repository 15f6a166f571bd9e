/** A list in the drawer's place, opened by a button of the bar or its key: one of them is there at a time. */

export class SidePanel {
  /** @param {{panel: HTMLElement, button: HTMLElement}} nodes @param {object} context */
  constructor({panel, button}, context) {
    Object.assign(this, {panel, button, context});
    button.addEventListener('click', () => this.toggle());
    panel.addEventListener('keydown', event => this.key(event));
  }

  /** Open or close; where a card lies over the list, the card goes and the list is read again. */
  async toggle() {
    const covered = this.context.drawer.isOpen;
    this.context.drawer.close();
    if (this.panel.hidden) return this.open();
    if (!covered) return this.close();
    await this.#thenFocus(this.again());
  }

  async open() {
    if (this.context.side !== this) this.context.side?.hide();
    this.context.side = this;
    this.panel.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    await this.#thenFocus(this.filled());
  }

  again() {
    return this.refresh();
  }

  /** Go to the list once it is there, unless the reader went elsewhere meanwhile. */
  async #thenFocus(ready) {
    const from = document.activeElement;
    await ready;
    const at = document.activeElement;
    const stayed = at === from || at === document.body || this.panel.contains(at);
    if (stayed && !this.panel.hidden && !this.context.drawer.isOpen) this.focus();
  }

  hide() {
    this.panel.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
  }

  close() {
    this.hide();
    this.button.focus();
  }

  focus() {
    (this.panel.querySelector(this.first) ?? this.button).focus();
  }
}
