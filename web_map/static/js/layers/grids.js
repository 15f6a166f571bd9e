/** Grids: levels and names by zoom; a click opens the dossier. */
import {openDossier} from '../dossier.js';

const MICRO = 2;
/** From these zooms on. */
const MICRO_LINES = 15;
const GRID_NAMES = 14;
const MICRO_NAMES = 15.5;
const GRID_NAMES_END = 17;

export const styleOf = (base, {level}, zoom) => (level >= MICRO && zoom < MICRO_LINES ? null : base);

/** @param {{name: string, level: number}} properties @param {number} zoom */
export function labelOf({name, level}, zoom) {
  if (level >= MICRO) return zoom >= MICRO_NAMES ? {text: name, size: 12, rank: 2, quiet: true} : null;
  return zoom >= GRID_NAMES && zoom < GRID_NAMES_END ? {text: name, size: 13, weight: 600, rank: 1} : null;
}

/** How close a search flies to a grid. */
export const flyZoom = 15;

export const open = (id, context) => openDossier(id, context);
