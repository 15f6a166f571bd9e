/** What a feature looks like: the server's style, refined by symbol, theme and the layer's own module. */
import {token} from './theme.js';

const COLOURS = ['color', 'fillColor'];
const DEFAULTS = {color: '#7d8b99', weight: 1, opacity: 1, fillOpacity: 0.2, radius: 4};

/**
 * The style of one feature as Leaflet path options; null hides it.
 * @param {object} collection as /collections describes it
 * @param {Record<string, unknown>} properties
 * @param {number} zoom
 * @param {{styleOf?: Function}} [behaviour] the layer's own module
 */
export function styleOf(collection, properties, zoom, behaviour) {
  const base = symbolStyle(collection, properties[collection.by]);
  return behaviour?.styleOf ? behaviour.styleOf(base, properties, zoom) : base;
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
  const pairs = COLOURS.map(name => [name, token(prefix + name)]);
  return Object.fromEntries(pairs.filter(([, value]) => value));
}
