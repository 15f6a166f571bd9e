/** A base map in one PMTiles file: pictures as they are, vector tiles as plain lines. */
import {PMTiles, leafletRasterLayer} from './plugins.js';
import {VectorTiles} from './vector-tiles.js';

const VECTOR = 1;

/** @param {string} url of the .pmtiles file @param {object} options Leaflet's layer options */
export async function archiveLayer(url, options) {
  const archive = new PMTiles(new URL(url, location.href).href);
  const {tileType, maxZoom} = await archive.getHeader();
  if (tileType !== VECTOR) return leafletRasterLayer(archive, {...options, maxNativeZoom: maxZoom});
  const fetchTile = async ({z, x, y}, signal) => (await archive.getZxy(z, x, y, signal))?.data ?? null;
  const collection = {id: 'basemap', style: {weight: 0.8, fillOpacity: 0.06}};
  return new VectorTiles([{id: 'basemap', collection, visible: true, fetchTile}], {...options, maxNativeZoom: maxZoom + 1});
}
