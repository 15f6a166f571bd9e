/** One part of a card: it loads on its own, and says on its own that it loads, is empty or failed. */
import {ApiError} from '../../api.js';
import {element, stateLine} from '../../element.js';
import {reasonOf, t} from '../../i18n.js';
import {replaceKept} from './focus.js';

export class Part {
  #asked = 0;
  #seen = null;
  #content;

  /**
   * @template T
   * @param {object} how
   * @param {string} how.name for styles and tests
   * @param {() => string} how.title '' for none
   * @param {() => Promise<T>} how.load
   * @param {(content: T) => (Node | null)[]} how.draw nothing to draw makes the part empty
   * @param {() => string} [how.empty] words when there is nothing; without them the part hides
   * @param {(content: T) => void} [how.loaded]
   */
  constructor(how) {
    this.how = how;
    this.heading = element('h3', {});
    this.body = element('div.part-body', {});
    this.node = element('section.card-part', {data: {part: how.name}}, this.heading, this.body);
  }

  /** @returns {unknown} what was loaded last */
  get content() {
    return this.#content;
  }

  /** Load again; what did not change is not redrawn. */
  async refresh() {
    const asked = (this.#asked += 1);
    if (this.#seen === null) this.#say('loading', t('state.loading'));
    try {
      const content = await this.how.load();
      if (asked !== this.#asked) return;
      const seen = JSON.stringify(content) ?? '';
      if (seen === this.#seen) return;
      this.#seen = seen;
      this.#content = content;
      this.how.loaded?.(content);
      this.redraw();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asked !== this.#asked) return;
      this.#seen = null;
      this.#content = undefined;
      this.#say('failed', t('state.failed', {reason: reasonOf(error)}), {label: t('state.retry'), act: () => this.refresh()});
    }
  }

  /** Draw again what is there, such as in another language. */
  redraw() {
    this.#name();
    if (this.#seen === null) return;
    const drawn = this.how.draw(this.#content).filter(Boolean);
    this.node.hidden = !drawn.length && !this.how.empty;
    if (drawn.length) replaceKept(this.body, ...drawn);
    else if (this.how.empty) this.#say('empty', this.how.empty());
  }

  #name() {
    this.heading.textContent = this.how.title();
    this.heading.hidden = !this.heading.textContent;
  }

  #say(kind, text, way) {
    this.#name();
    this.node.hidden = false;
    replaceKept(this.body, stateLine(kind, text, way));
  }
}
