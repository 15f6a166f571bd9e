/** Placing by hand: the next click on the map, or Enter at its centre, is the place. */
import {element} from './element.js';
import {t} from './i18n.js';
import {fromLeaflet} from './lonlat.js';

export class PlaceMode {
  #place = null;

  /** @param {import('leaflet').Map} map @param {HTMLElement} prompt */
  constructor(map, prompt) {
    Object.assign(this, {map, prompt});
    map.getContainer().addEventListener('keydown', event => {
      if (event.key !== 'Enter' || !this.#place) return;
      event.stopImmediatePropagation();
      this.take(map.getCenter());
    });
    document.addEventListener('keydown', event => { if (event.key === 'Escape') this.stop(); });
  }

  /** @returns {boolean} */
  get active() {
    return this.#place !== null;
  }

  /** @param {string} text what is to be placed @param {(lonlat: [number, number]) => void} place */
  start(text, place) {
    this.#place = place;
    document.body.classList.add('placing');
    this.prompt.replaceChildren(text, element('button', {type: 'button', onclick: () => this.stop()}, t('place.cancel')));
    this.prompt.hidden = false;
    this.map.getContainer().focus();
  }

  /** @param {import('leaflet').LatLng} latlng */
  take(latlng) {
    const place = this.#place;
    this.stop();
    place(fromLeaflet(latlng));
  }

  stop() {
    this.#place = null;
    document.body.classList.remove('placing');
    this.prompt.hidden = true;
  }
}
