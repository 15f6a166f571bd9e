/** From /collections to what the map draws; a layer's own module is loaded when there is one. */

const KEPT = 'gis.layers.hidden';
const BEHAVIOURS = new Set(document.documentElement.dataset.behaviours?.split(' ') ?? []);

/**
 * @param {object[]} collections as /collections describes them
 * @returns {Promise<import('./vector-tiles.js').Source[]>} one source per layer with a shape, in drawing order
 */
export async function makeSources(collections) {
  const drawn = collections.filter(({geometry}) => geometry && geometry !== 'null').sort((a, b) => a.order - b.order);
  const chosen = choices();
  return Promise.all(drawn.map(async collection => ({
    id: collection.id,
    collection,
    visible: chosen.get(collection.id) ?? !collection.hidden,
    behaviour: BEHAVIOURS.has(collection.id) ? await import(`./layers/${collection.id}.js`) : undefined,
  })));
}

/** What the reader showed and hid, by layer; it was once a list of those that he hid. */
function choices() {
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? '{}');
  return new Map(Array.isArray(kept) ? kept.map(id => [id, false]) : Object.entries(kept));
}

/** Keep the reader's choice in this browser, where it is not the server's own. */
export function keepVisible(sources) {
  const chosen = sources.filter(({visible, collection}) => visible === Boolean(collection.hidden));
  localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(chosen.map(({id, visible}) => [id, visible]))));
}
