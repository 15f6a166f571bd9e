/** Area fill belongs to risk alone: other layers' areas are outlines. */
const outlined = new WeakMap();

/**
 * @param {object} style Leaflet path options
 * @returns {object} the same without fill; one object for one style, so that drawing can group by it
 */
export function outlineOf(style) {
  if (!outlined.has(style)) outlined.set(style, {...style, fill: false, weight: 1.5, dashArray: '5 3'});
  return outlined.get(style);
}
