/** From the bytes of a vector tile to features that can be drawn, hit and labelled. */
import {VectorTile} from '@mapbox/vector-tile';
import Pbf from 'pbf';
import {getTile} from './api.js';
import {gather} from './gathering.js';

/**
 * @typedef {object} TileFeature
 * @property {number} id
 * @property {1 | 2 | 3} type point, line or polygon
 * @property {{x: number, y: number}[][]} rings in tile units
 * @property {Record<string, string | number | boolean>} properties
 */

/**
 * @param {ArrayBuffer | null} bytes
 * @param {string} [name] of the tile's layer; without one, all of them
 * @returns {{extent: number, features: TileFeature[]}}
 */
export function decodeTile(bytes, name) {
  if (!bytes) return {extent: 4096, features: []};
  const {layers} = new VectorTile(new Pbf(bytes));
  const wanted = Object.values(layers).filter(layer => name === undefined || layer.name === name);
  return {extent: wanted[0]?.extent ?? 4096, features: wanted.flatMap(readFeatures)};
}

function readFeatures(layer) {
  return Array.from({length: layer.length}, (_, index) => {
    const feature = layer.feature(index);
    const {type, properties} = feature;
    return {id: feature.id ?? properties.id, type, rings: feature.loadGeometry(), properties};
  });
}

/**
 * Fetch one layer's part of a tile; a base map's tiles are taken whole.
 * @param {import('./vector-tiles.js').Source} source
 * @param {{z: number, x: number, y: number, abort: AbortController}} tile
 */
export async function fetchPart({id, fetchTile}, tile) {
  const {signal} = tile.abort;
  return fetchTile ? decodeTile(await fetchTile(tile, signal)) : gather(decodeTile(await getTile(id, tile, {signal}), id));
}
