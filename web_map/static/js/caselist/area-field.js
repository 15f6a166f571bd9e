/** Village, then grid, then micro-grid: three choices that make one member of the filter, the code's beginning. */
import {getJson} from '../api.js';
import {element} from '../element.js';
import {t} from '../i18n.js';

const MOST = 1000;
/** Digits of a code by level. */
const LENGTHS = {village: 12, grid: 15, micro: 17};

export class AreaField {
  #asked = '';

  /** @param {{filters: import('./filters.js').ListFilters, context: object}} parts */
  constructor({filters, context}) {
    Object.assign(this, {filters, context, grids: []});
    context.names.addEventListener('named', () => this.#fill());
  }

  /** @returns {HTMLSelectElement[]} the three choices */
  nodes() {
    const select = level => element('select', {id: `filter-${level}`, name: level, onchange: event => this.#choose(level, event.target.value)});
    this.selects = {village: select('village'), grid: select('grid'), micro: select('micro')};
    this.take();
    return Object.values(this.selects);
  }

  #choose(level, value) {
    const above = {village: null, grid: 'village', micro: 'grid'}[level];
    this.filters.set({area: value || (above && this.selects[above].value) || null});
  }

  /** The filter changed: fetch the grids of the village that is chosen. */
  async take() {
    this.#fill();
    const village = (this.filters.filter.area ?? '').slice(0, LENGTHS.village);
    if (village.length < LENGTHS.village || village === this.#asked) return;
    this.#asked = village;
    try {
      const {features} = await getJson('/collections/grids/items', {village_code: village, net: 'general', limit: MOST});
      this.context.names.knowGrids(features);
      this.grids = features.map(({properties}) => properties).sort((a, b) => a.code.localeCompare(b.code));
      this.#fill();
    } catch (error) {
      if (error.status === undefined) throw error;
      this.#asked = '';
    }
  }

  #fill() {
    if (!this.selects) return;
    const area = this.filters.filter.area ?? '';
    const within = (digits, above) => this.grids.filter(({code}) => code.length === LENGTHS[digits] && code.startsWith(area.slice(0, LENGTHS[above])) && area.length >= LENGTHS[above]);
    const fill = (select, choices, value) => this.#options(select, choices, value);
    fill(this.selects.village, [...this.context.names.villages.values()].sort((a, b) => a.code.localeCompare(b.code)), area.slice(0, LENGTHS.village));
    fill(this.selects.grid, within('grid', 'village'), area.length >= LENGTHS.grid ? area.slice(0, LENGTHS.grid) : '');
    fill(this.selects.micro, within('micro', 'grid'), area.length >= LENGTHS.micro ? area : '');
  }

  #options(select, choices, value) {
    const known = choices.some(({code}) => code === value) || !value ? choices : [...choices, {code: value, name: this.context.names.area(value)}];
    select.replaceChildren(element('option', {value: ''}, t('filter.any')), ...known.map(({code, name}) => element('option', {value: code}, name)));
    select.value = value;
    select.disabled = !known.length;
  }
}
