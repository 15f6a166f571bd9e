/** From /collections to what the map draws; a layer's own module is loaded when there is one. */

const KEPT = 'gis.layers.hidden';
const BEHAVIOURS = new Set(document.documentElement.dataset.behaviours?.split(' ') ?? []);

/**
 * @param {object[]} collections as /collections describes them
 * @returns {Promise<import('./vector-tiles.js').Source[]>} one source per layer with a shape, in drawing order
 */
export async function makeSources(collections) {
  const drawn = collections.filter(({geometry}) => geometry && geometry !== 'null').sort((a, b) => a.order - b.order);
  const hidden = hiddenIds(drawn);
  return Promise.all(drawn.map(async collection => ({
    id: collection.id,
    collection,
    visible: !hidden.has(collection.id),
    behaviour: BEHAVIOURS.has(collection.id) ? await import(`./layers/${collection.id}.js`) : undefined,
  })));
}

/** The layers that the reader hid; at first those that the server does not show by default. */
function hiddenIds(collections) {
  const kept = localStorage.getItem(KEPT);
  return new Set(kept ? JSON.parse(kept) : collections.filter(({hidden}) => hidden).map(({id}) => id));
}

/** Keep the reader's choice in this browser. */
export function keepVisible(sources) {
  localStorage.setItem(KEPT, JSON.stringify(sources.filter(({visible}) => !visible).map(({id}) => id)));
}
