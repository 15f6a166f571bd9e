/** What a card points at: numbered places, or the outline of an area. */
import {divIcon, geoJSON, layerGroup, marker} from 'leaflet';
import {element} from './element.js';
import {boundsOf, toLeaflet} from './lonlat.js';

export class Pins {
  /** @param {import('leaflet').Map} map */
  constructor(map) {
    this.map = map;
    this.group = layerGroup().addTo(map);
  }

  /** @param {[number, number][]} places */
  show(places) {
    this.clear();
    places.forEach((lonlat, index) => this.group.addLayer(marker(toLeaflet(lonlat), {icon: numbered(index + 1), interactive: false, keyboard: false})));
    if (places.length) this.#bringIntoView(places);
  }

  /** @param {number} index of the place that the reader looks at */
  mark(index) {
    this.group.getLayers().forEach((pin, other) => pin.getElement()?.classList.toggle('marked', other === index));
  }

  /** Draw round the area that a card is about. @param {object} geometry GeoJSON */
  outline(geometry) {
    this.clear();
    this.group.addLayer(geoJSON(geometry, {interactive: false, style: {className: 'outline', weight: 4, fill: false}}));
  }

  clear() {
    this.group.clearLayers();
  }

  #bringIntoView(places) {
    const [lons, lats] = [0, 1].map(axis => places.map(lonlat => lonlat[axis]));
    const bounds = boundsOf([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]);
    if (!this.map.getBounds().contains(bounds)) this.map.fitBounds(bounds, {maxZoom: 16, padding: [320, 120]});
  }
}

const numbered = number => divIcon({className: 'numbered-pin', html: element('span', {}, number), iconSize: [26, 26]});
