/** Short messages over the map: what failed, with a way to try again. One per subject. */
import {element} from './element.js';
import {t} from './i18n.js';

const STAYS_MS = 6000;

export class Notices {
  #shown = new Map();

  /** @param {HTMLElement} node */
  constructor(node) {
    this.node = node;
  }

  /** Say that something happened; it goes by itself. */
  say(text) {
    const line = element('p.notice', {}, text);
    this.node.append(line);
    setTimeout(() => line.remove(), STAYS_MS);
  }

  /**
   * Say that a part failed, until it is cleared.
   * @param {string} subject
   * @param {string} text
   * @param {() => void} retry
   */
  failed(subject, text, retry) {
    const button = element('button', {type: 'button', onclick: () => { this.clear(subject); retry(); }}, t('state.retry'));
    const line = element('div.notice.failed', {data: {subject}}, element('span', {}, text), button);
    this.clear(subject);
    this.#shown.set(subject, line);
    this.node.append(line);
  }

  /** @param {string} subject */
  clear(subject) {
    this.#shown.get(subject)?.remove();
    this.#shown.delete(subject);
  }
}
