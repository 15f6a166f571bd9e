/** The Leaflet map of a town: extent, scale, credit, base map. */
import {CRS, Map as LeafletMap, control, extend, tileLayer} from 'leaflet';
import {boundsOf} from './lonlat.js';
import {fittingSide} from './mercator.js';

/** Shown while there is no town yet. */
const CHINA = [73, 18, 135, 53];

/** Kept free round the town, in CSS pixels. */
const MARGIN = 12;

/**
 * @param {HTMLElement} container
 * @param {{bbox: [number, number, number, number] | null, basemap: object | null}} town
 * @param {object} [options] Leaflet's map options
 */
export async function makeMap(container, town, options = {}) {
  const bbox = town.bbox ?? CHINA;
  const map = new LeafletMap(container, {
    crs: webMercator(fittingSide(bbox, windowOf(container))), zoomControl: false, attributionControl: false,
    minZoom: 4, maxZoom: 19, wheelPxPerZoomLevel: 100, fadeAnimation: false, ...options,
  });
  map.fitBounds(boundsOf(bbox), {animate: false, ...fitPadding(container)});
  new ResizeObserver(() => map.invalidateSize({pan: false})).observe(container);
  control.scale({position: 'bottomleft', imperial: false}).addTo(map);
  control.zoom({position: 'bottomleft'}).addTo(map);
  if (town.basemap) await addBasemap(map, town.basemap);
  return map;
}

/** EPSG:3857 with tiles of a given side: Leaflet's own has 256 px at each zoom, so twice that at the zoom below. */
const webMercator = tileSide => extend({}, CRS.EPSG3857, {
  tileSide,
  scale: zoom => tileSide / 2 * 2 ** zoom,
  zoom: scale => Math.log2(2 * scale / tileSide),
});

/** What panels leave free of the map. */
function windowOf(container) {
  const {paddingTopLeft: [left, top], paddingBottomRight: [right, bottom]} = fitPadding(container);
  return {x: container.clientWidth - left - right, y: container.clientHeight - top - bottom};
}

/** Keep what floats over the map's sides (see data-pad-left, data-pad-right) off the town. */
export function fitPadding(container) {
  const widthOf = side => document.querySelector(container.dataset[side] || null)?.offsetWidth ?? 0;
  return {paddingTopLeft: [widthOf('padLeft') + MARGIN, MARGIN], paddingBottomRight: [widthOf('padRight') + MARGIN, MARGIN]};
}

async function addBasemap(map, {kind, url, attribution}) {
  control.attribution({prefix: false, position: 'bottomleft'}).addAttribution(plain(attribution)).addTo(map);
  map.createPane('basemap').style.zIndex = 100;
  const options = {pane: 'basemap', maxZoom: 19, tileSize: map.options.crs.tileSide / 2};
  if (kind === 'xyz') tileLayer(url, options).addTo(map);
  else (await (await import('./archive.js')).archiveLayer(url, options)).addTo(map);
}

/** Leaflet writes a credit line as HTML; ours is text. */
const plain = text => text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`);
