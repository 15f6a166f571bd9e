/** The one place where (lon, lat), our axis order, is turned into Leaflet's and back. */
import {latLng, latLngBounds} from 'leaflet';

/** @param {[number, number]} lonlat @returns {import('leaflet').LatLng} */
export const toLeaflet = ([lon, lat]) => latLng(lat, lon);

/** @param {import('leaflet').LatLng} point @returns {[number, number]} */
export const fromLeaflet = point => {
  const {lng: lon, lat} = point.wrap();
  return [lon, lat];
};

/** @param {[number, number, number, number]} bbox west, south, east, north */
export const boundsOf = ([west, south, east, north]) =>
  latLngBounds(toLeaflet([west, south]), toLeaflet([east, north]));

/** @param {import('leaflet').LatLngBounds} bounds @returns {string} west,south,east,north with 6 decimals (0.1 m) */
export const bboxText = bounds =>
  [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]
    .map(degrees => degrees.toFixed(6)).join(',');
