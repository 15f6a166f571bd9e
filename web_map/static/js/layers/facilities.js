/** Facilities: devices that stand by the hundred appear only when their street is in view. */

const BY_THE_HUNDRED = new Set(['drain_inlet', 'camera', 'hydrant']);
const THEIR_ZOOM = 17;

/** @param {object} base @param {{class: string}} properties @param {number} zoom */
export function styleOf(base, properties, zoom) {
  return zoom < THEIR_ZOOM && BY_THE_HUNDRED.has(properties.class) ? null : base;
}
