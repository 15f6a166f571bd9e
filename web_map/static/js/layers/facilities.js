/** Facilities: devices that stand by the hundred appear only when their street is in view. */
import {outlineOf} from '../outline.js';

const AREA = 3;
const BY_THE_HUNDRED = new Set(['drain_inlet', 'camera', 'hydrant']);
const THEIR_ZOOM = 18;

/** @param {object} base @param {{class: string}} properties @param {number} zoom @param {1 | 2 | 3} type */
export function styleOf(base, properties, zoom, type) {
  if (zoom < THEIR_ZOOM && BY_THE_HUNDRED.has(properties.class)) return null;
  return type === AREA ? outlineOf(base) : base;
}
