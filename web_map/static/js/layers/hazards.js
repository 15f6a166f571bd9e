/** Hazards: what is written off leaves the map; outlines only, since area fill belongs to risk. */

const AREA = 3;
const outlined = new WeakMap();

/** @param {object} base @param {{state: string}} properties @param {number} zoom @param {1 | 2 | 3} type */
export function styleOf(base, {state}, zoom, type) {
  if (state === 'written_off') return null;
  return type === AREA ? outlineOf(base) : base;
}

function outlineOf(base) {
  if (!outlined.has(base)) outlined.set(base, {...base, fill: false, weight: 1.5, dashArray: '5 3'});
  return outlined.get(base);
}
