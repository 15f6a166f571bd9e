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
    await this.refresh();
    this.focus();
  }

  async open() {
    if (this.context.side !== this) this.context.side?.hide();
    this.context.side = this;
    this.panel.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    await this.filled();
    this.focus();
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
