/** Hazards: what is written off leaves the map; areas are outlines. */
import {outlineOf} from '../outline.js';

const AREA = 3;

/** @param {object} base @param {{state: string}} properties @param {number} zoom @param {1 | 2 | 3} type */
export function styleOf(base, {state}, zoom, type) {
  if (state === 'written_off') return null;
  return type === AREA ? outlineOf(base) : base;
}
