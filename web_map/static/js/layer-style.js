/** What a feature looks like: the server's style, refined by symbol, theme and the layer's own module. */
import {token} from './theme.js';

const COLOURS = ['color', 'fillColor'];
const NUMBERS = ['weight', 'opacity', 'fillOpacity', 'radius'];
const DEFAULTS = {color: '#7d8b99', weight: 1, opacity: 1, fillOpacity: 0.2, radius: 4};

/**
 * The style of one feature as Leaflet path options; null hides it.
 * @param {import('./vector-tiles.js').Source} source
 * @param {import('./tile-parts.js').TileFeature} feature
 * @param {number} zoom
 */
export function styleOf({collection, behaviour}, {properties, type}, zoom) {
  const base = symbolStyle(collection, properties[collection.by]);
  return behaviour?.styleOf ? behaviour.styleOf(base, properties, zoom, type) : base;
}

/** Style of a legend line: the layer's, then the theme's, then the symbol's own. */
export function symbolStyle(collection, value) {
  const themed = themedStyles(collection);
  const key = value === undefined ? '' : String(value);
  if (!themed.has(key)) themed.set(key, merged(collection, key));
  return themed.get(key);
}

let cache = new WeakMap();
document.addEventListener('theme', () => { cache = new WeakMap(); });

function themedStyles(collection) {
  if (!cache.has(collection)) cache.set(collection, new Map());
  return cache.get(collection);
}

function merged(collection, value) {
  const symbol = collection.legend?.find(line => String(line.value) === value);
  const style = {...DEFAULTS, ...collection.style, ...refined(`--layer-${collection.id}-`)};
  const own = {...symbol?.style, ...refined(`--layer-${collection.id}-${value}-`)};
  return Object.assign(style, own);
}

function refined(prefix) {
  const given = [...COLOURS, ...NUMBERS].map(name => [name, token(prefix + name)]).filter(([, value]) => value);
  return Object.fromEntries(given.map(([name, value]) => [name, NUMBERS.includes(name) ? Number(value) : value]));
}
