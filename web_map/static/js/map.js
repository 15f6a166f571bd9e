/** The Leaflet map of a town: extent, scale, credit, base map. */
import {Map as LeafletMap, control, tileLayer} from 'leaflet';
import {boundsOf} from './lonlat.js';

/** Shown while there is no town yet. */
const CHINA = [73, 18, 135, 53];

/** Share of the town's box that may lie outside, so that a hair's breadth does not cost half a zoom. */
const SPARE = 0.03;

/**
 * @param {HTMLElement} container
 * @param {{bbox: [number, number, number, number] | null, basemap: object | null}} town
 * @param {object} [options] Leaflet's map options
 */
export async function makeMap(container, town, options = {}) {
  const map = new LeafletMap(container, {
    zoomControl: false, attributionControl: false, minZoom: 4, maxZoom: 19,
    wheelPxPerZoomLevel: 100, fadeAnimation: false, ...options,
  });
  map.fitBounds(boundsOf(town.bbox ?? CHINA).pad(-SPARE), {animate: false, ...fitPadding(container)});
  new ResizeObserver(() => map.invalidateSize({pan: false})).observe(container);
  control.scale({position: 'bottomleft', imperial: false}).addTo(map);
  control.zoom({position: 'bottomleft'}).addTo(map);
  if (town.basemap) await addBasemap(map, town.basemap);
  return map;
}

/** Keep what floats over the map's sides (see data-pad-left, data-pad-right) off the town. */
export function fitPadding(container) {
  const widthOf = side => document.querySelector(container.dataset[side] || null)?.offsetWidth ?? 0;
  return {paddingTopLeft: [widthOf('padLeft') + 8, 8], paddingBottomRight: [widthOf('padRight') + 8, 8]};
}

async function addBasemap(map, {kind, url, attribution}) {
  control.attribution({prefix: false, position: 'bottomleft'}).addAttribution(plain(attribution)).addTo(map);
  map.createPane('basemap').style.zIndex = 100;
  const options = {pane: 'basemap', maxZoom: 19};
  if (kind === 'xyz') tileLayer(url, options).addTo(map);
  else (await (await import('./archive.js')).archiveLayer(url, options)).addTo(map);
}

/** Leaflet writes a credit line as HTML; ours is text. */
const plain = text => text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`);
