/** The card of a case: what, where, who answers, what may be done, what happened. Each part loads on its own. */
import {ApiError, getFeature} from '../api.js';
import {element} from '../element.js';
import {t} from '../i18n.js';
import {borderOf} from './card/border.js';
import {cardKey} from './card/keys.js';
import {factsOf, headOf} from './card/head.js';
import {replaceKept} from './card/focus.js';
import {Moves} from './card/moves.js';
import {loadParts, partsOf} from './card/parts.js';
import {placingOf} from './card/placing.js';
import {CaseWords} from './card/words.js';

const TICK_MS = 5000;

/**
 * @param {string} path of the collection
 * @param {number} id
 * @param {object} context drawer, format, names, town, account; on a map also pins, placeMode, flyTo and placed
 * @returns {CaseCard}
 */
export function openCase(path, id, context) {
  const card = new CaseCard(path, id, context);
  card.shown = card.show();
  return card;
}

export class CaseCard {
  #placing = null;
  #begun = false;

  constructor(path, id, context) {
    Object.assign(this, {path, id, context, address: `${path}/items/${id}`, feature: null, version: null, view: null, steps: [], proposals: [], procedure: null});
    const plain = name => element('div', {data: {part: name}});
    Object.assign(this, {head: plain('head'), place: plain('place'), facts: plain('facts'), border: plain('border')});
    this.words = new CaseWords(this);
    this.moves = new Moves(this);
    this.parts = partsOf(this);
    this.named = () => this.#drawFixed();
  }

  get mayHandle() {
    return Boolean(this.context.account?.account);
  }

  /** @returns {boolean} whether the reader has put the focus on nothing but the card itself */
  get isUntouched() {
    const {activeElement: held} = document;
    return held === this.context.drawer.node || held === document.body;
  }

  show() {
    const {drawer} = this.context;
    return drawer.show({
      title: t('case.title'),
      fetch: async () => {
        Object.assign(this, await getFeature(this.address));
        await this.context.names.known(this.feature.properties.grid_code);
      },
      render: () => this.#render(),
      closed: () => this.#closed(),
    });
  }

  #render() {
    if (!this.#begun) this.#begin();
    this.#placing = null;
    this.#drawFixed();
    this.moves.redraw();
    for (const part of Object.values(this.parts)) part.redraw();
    const {procedure, proposals, nearby, duties, photos, history} = this.parts;
    const {category, number} = this.feature.properties;
    return {
      title: this.context.names.category(category), subtitle: number,
      body: [this.head, procedure.node, this.place, this.moves.node, proposals.node, this.facts, photos.node, nearby.node, history.node, this.border, duties.node],
    };
  }

  #begin() {
    this.#begun = true;
    this.context.card = this;
    this.context.drawer.node.dataset.case = this.id;
    this.context.cardOpened?.(this);
    this.key = event => cardKey(event, this);
    document.addEventListener('keydown', this.key, true);
    this.context.names.addEventListener('named', this.named);
    this.timer = setInterval(() => this.drawHead(), TICK_MS);
    loadParts(this);
  }

  #closed() {
    this.context.pins?.clear();
    this.context.placeMode?.stop();
    if (this.context.card === this) this.context.card = null;
    this.context.cardClosed?.();
    delete this.context.drawer.node.dataset.case;
    document.removeEventListener('keydown', this.key, true);
    this.context.names.removeEventListener('named', this.named);
    clearInterval(this.timer);
  }

  drawHead() {
    replaceKept(this.head, ...headOf(this));
    replaceKept(this.border, borderOf(this));
  }

  #drawFixed() {
    this.drawHead();
    replaceKept(this.facts, factsOf(this));
    const {geometry, properties} = this.feature;
    const placing = geometry || properties.stage === 'closed' ? '' : JSON.stringify(properties.candidates);
    if (placing === this.#placing) return;
    this.#placing = placing;
    if (!placing) this.context.pins?.clear();
    replaceKept(this.place, placing ? placingOf(this) : null);
  }

  /** Somebody changed a case: read it again if it is this one and it is not as it was. */
  async refresh() {
    const {feature, version} = await getFeature(this.address);
    if (version === this.version) return;
    this.take({feature, version});
    await this.loading;
  }

  /** The case is now so. @param {import('../api.js').Versioned} versioned */
  take({feature, version}) {
    Object.assign(this, {feature, version});
    this.#drawFixed();
    this.moves.redraw();
    this.loading = loadParts(this);
  }

  /** An event tells of this case. */
  async heard() {
    try {
      await this.refresh();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  openOther(id) {
    openCase(this.path, id, this.context);
  }
}
