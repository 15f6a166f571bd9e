/** The tray of cases without a place, and the button that counts them. */
import {getJson} from '../api.js';
import {element, stateLine} from '../element.js';
import {reasonOf, t} from '../i18n.js';
import {entryOf} from './entry.js';
import {placeOf} from './filter-object.js';
import {SidePanel} from './side-panel.js';
import {caseIcon} from './symbols.js';

const SHOWN = 50;

export class Tray extends SidePanel {
  first = '.line';
  #count = 0;
  #asked = 0;
  #shown = null;
  #last = null;

  /** @param {{panel: HTMLElement, button: HTMLElement}} nodes @param {string} path @param {object} parts */
  constructor(nodes, path, {context, filters, chosen}) {
    super(nodes, context);
    Object.assign(this, {path, filters, chosen});
    document.addEventListener('words', () => { this.#button(); this.#shown = null; if (!this.panel.hidden) this.refresh(); });
    this.#button();
  }

  get #question() {
    return {...placeOf(this.filters.filter), located: 'false', live: 'true'};
  }

  /** @param {number} count how many wait in the whole town, by the server's figures; a filter has its own count */
  async counted(count) {
    const found = this.filters.isPlain ? count : (await getJson(`${this.path}/count`, this.#question)).count;
    if (found !== this.#count) {
      this.#count = found;
      this.#button();
    }
    if (!this.panel.hidden) this.refresh(); // as many may be others
  }

  async filled() {
    this.#shown = null;
    this.panel.replaceChildren(this.#head(), stateLine('loading', t('state.loading')));
    await this.refresh();
  }

  /** Read the list, until none was asked for after it. */
  async refresh() {
    const mine = this.#last = this.#read();
    await mine;
    if (mine !== this.#last) await this.#last;
  }

  async #read() {
    const asked = (this.#asked += 1);
    try {
      const {features} = await getJson(`${this.path}/items`, {...this.#question, limit: SHOWN});
      if (asked === this.#asked) this.#show(features);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#shown = null;
      this.#fill(stateLine('failed', t('state.failed', {reason: reasonOf(error)}), {label: t('state.retry'), act: () => this.refresh()}));
    }
  }

  /** Lines that are there already stay: somebody may be about to press one. */
  #show(features) {
    const shown = features.map(({id, version}) => `${id}/${version}`).join();
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#fill(features.length ? element('ol.tray-list', {}, ...features.map(feature => this.#line(entryOf(feature, this.context.names)))) : stateLine('empty', t('tray.empty')));
  }

  #fill(content) {
    const focused = this.panel.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const scrolled = this.panel.querySelector('.tray-list')?.scrollTop ?? 0;
    this.panel.replaceChildren(this.#head(), content);
    content.scrollTop = scrolled;
    const next = focused && (this.panel.querySelector(`[data-id="${focused}"]`) ?? this.panel.querySelector('.line'));
    next?.focus({preventScroll: true});
  }

  #head() {
    return element('header.panel-head', {}, element('h2', {}, t('tray.title')), element('span.muted.small', {}, t('tray.hint')));
  }

  #line(entry) {
    const words = entry.address || entry.title;
    return element('li', {}, element('button.line', {type: 'button', data: {id: entry.id}, onclick: () => this.chosen(entry)},
      caseIcon(entry),
      element('span.line-title.ellipsis', {title: words}, words),
      element('time.line-time.small', {dateTime: entry.at}, this.context.format.minutes(entry.at)),
      element('span.line-place.muted.small.ellipsis', {}, entry.title)));
  }

  #button() {
    this.button.dataset.count = this.#count;
    this.button.replaceChildren(t('tray.button'), element('span.tray-count', {}, this.context.format.number(this.#count)));
  }

  key(event) {
    if (event.key === 'Escape') { this.close(); event.stopPropagation(); }
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!step) return;
    const lines = [...this.panel.querySelectorAll('.line')];
    lines[(lines.indexOf(document.activeElement) + step + lines.length) % lines.length]?.focus();
    event.preventDefault();
  }
}
