/** Leaflet plugins; each needs the global that leaflet-global.js makes first. */
import './leaflet-global.js';

export {PMTiles, leafletRasterLayer} from 'pmtiles';
