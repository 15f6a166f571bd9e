/** Leaflet as a global, for plugins only: its module namespace is frozen, so they get a copy. */
import * as leaflet from 'leaflet';

globalThis.L = {...leaflet};
