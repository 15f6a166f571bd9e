/** One pulse of 2 s where a new case appeared. */
import {DomUtil} from 'leaflet';
import {element} from '../element.js';
import {toLeaflet} from '../lonlat.js';

const LASTS_MS = 2000;
const AT_ONCE = 40;

export class Pulses {
  /** @param {import('leaflet').Map} map */
  constructor(map) {
    this.map = map;
    this.pane = map.createPane('pulses');
    this.pane.style.zIndex = 460;
    this.pane.classList.add('leaflet-zoom-hide');
    map.on('zoomstart', () => this.pane.replaceChildren());
  }

  /** @param {[number, number]} lonlat @param {boolean} urgent whether of the highest severity */
  at(lonlat, urgent) {
    const place = toLeaflet(lonlat);
    if (this.pane.childElementCount >= AT_ONCE || !this.map.getBounds().contains(place)) return;
    const anchor = element('div.pulse-anchor', {}, element('div.pulse', {data: {urgent}}));
    DomUtil.setPosition(anchor, this.map.latLngToLayerPoint(place));
    this.pane.append(anchor);
    setTimeout(() => anchor.remove(), LASTS_MS);
  }
}
