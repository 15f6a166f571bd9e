/** The small map of a page of features: streets and water below, the page's own features above. */
import {circleMarker, geoJSON} from 'leaflet';
import {ApiError, getJson} from './api.js';
import {stateLine} from './element.js';
import {reasonOf, t} from './i18n.js';
import {makeSources} from './layers.js';
import {symbolStyle} from './layer-style.js';
import {bboxText} from './lonlat.js';
import {makeMap} from './map.js';
import {token} from './theme.js';
import {VectorTiles} from './vector-tiles.js';

/** Drawing order up to which layers are for finding one's way. */
const BACKGROUND = 15;
const CLOSE_ZOOM = 18;
const MARGIN = 0.15;

/**
 * @param {HTMLElement} container
 * @param {{about: object, features: object[]}} mapped the collection, and the features in (lon, lat)
 */
export async function drawMap(container, {about, features}) {
  try {
    const [town, {collections}] = await Promise.all([getJson('/town'), getJson('/collections')]);
    const map = await makeMap(container, town, {scrollWheelZoom: false, preferCanvas: true});
    await drawGround(map, collections.filter(({id, order}) => order <= BACKGROUND && id !== about.id));
    const drawn = drawFeatures(map, about, features);
    map.fitBounds(drawn.getBounds().pad(MARGIN), {maxZoom: CLOSE_ZOOM, animate: false});
    document.getElementById('take-extent')?.addEventListener('click', () => takeExtent(map));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    container.replaceChildren(stateLine('failed', t('state.failed', {reason: reasonOf(error)})));
  }
}

async function drawGround(map, collections) {
  const sources = await makeSources(collections);
  const tiles = new VectorTiles(sources.map(source => ({...source, visible: !source.collection.hidden}))).addTo(map);
  document.addEventListener('theme', () => tiles.refresh());
}

function drawFeatures(map, about, features) {
  // The page is about these features: they are lined out, however quietly a map of all layers shows them.
  const styled = ({properties}) => ({...symbolStyle(about, properties?.[about.by]), color: token('--accent'), weight: 2, fillOpacity: 0.35});
  const drawn = geoJSON(features, {
    style: styled,
    pointToLayer: (feature, place) => circleMarker(place, styled(feature)),
    onEachFeature: (feature, shape) => shape.on({
      click: () => { location.href = `/collections/${encodeURIComponent(about.id)}/items/${feature.id}`; },
      mouseover: () => point(feature, true),
      mouseout: () => point(feature, false),
    }),
  }).addTo(map);
  document.addEventListener('theme', () => drawn.setStyle(styled));
  return drawn;
}

/** Mark the row of a feature that is pointed to on the map. */
function point({id}, pointed) {
  document.querySelector(`tr[data-feature="${id}"]`)?.toggleAttribute('data-pointed', pointed);
}

function takeExtent(map) {
  const field = document.getElementById('f-bbox');
  field.value = bboxText(map.getBounds());
  field.focus();
}
