/** The wall map: fetches what the town is, and wires the parts together. */
import {showAccount, whoIsHere} from './account.js';
import {ApiError, getJson} from './api.js';
import {DataAge} from './data-age.js';
import {Drawer} from './drawer.js';
import {stateLine} from './element.js';
import {openFeature} from './feature-card.js';
import {follow} from './follow.js';
import {makeFormat} from './format.js';
import {isGathered} from './gathering.js';
import {currentLanguage, loadWords, reasonOf, switchLanguage, t, titleOf} from './i18n.js';
import {keepVisible, makeSources} from './layers.js';
import {showLayerPanel} from './layer-panel.js';
import {addLabels} from './labels.js';
import {boundsOf, fromLeaflet, toLeaflet} from './lonlat.js';
import {fitPadding, makeMap} from './map.js';
import {Notices} from './notices.js';
import {Pins} from './pins.js';
import {PlaceMode} from './place-mode.js';
import {showSearch} from './search.js';
import {listenForKeys} from './shortcuts.js';
import {switchTheme, useKeptTheme} from './theme.js';
import {VectorTiles} from './vector-tiles.js';

const FLY_ZOOM = 17;
const ZOOM_IN = 2;
const at = id => document.getElementById(id);

async function begin() {
  const [town, {collections}, account] = await Promise.all([getJson('/town'), getJson('/collections?tables=true'), whoIsHere()]);
  const sources = await makeSources(collections);
  const map = await makeMap(at('map'), town);
  const context = makeContext(map, {town, account, sources, collections});
  nameTown(town);
  showAccount(at('account'), account);
  const age = new DataAge(context, {clock: at('clock'), text: at('age-text'), reason: at('reason')});
  const tiles = addTiles(context, sources.filter(({behaviour}) => !behaviour?.start));
  const live = new Map(sources.filter(({behaviour}) => behaviour?.start).map(source => [source.id, source.behaviour.start(source, context)]));
  showLayerPanel(at('layers'), {map, sources, switched: source => {
    keepVisible(sources);
    live.get(source.id)?.setVisible(source.visible);
    tiles.refresh();
  }});
  const search = showSearch(at('search'), new Map(collections.map(one => [one.id, one])), result => found(result, context));
  map.on('click', ({latlng}) => clicked(latlng, {context, tiles, live}));
  listenForKeys({context, search, live, clickCentre: () => clicked(map.getCenter(), {context, tiles, live})});
  follow(live, tiles, age);
}

function makeContext(map, {town, account, sources, collections}) {
  const formats = new Map();
  const byId = new Map(sources.map(source => [source.id, source]));
  const context = {
    map, town, account, card: null,
    drawer: new Drawer(at('drawer')), notices: new Notices(at('notices')),
    pins: new Pins(map), placeMode: new PlaceMode(map, at('prompt')),
    get format() {
      const language = currentLanguage();
      if (!formats.has(language)) formats.set(language, makeFormat({language, timeZone: town.time_zone}));
      return formats.get(language);
    },
    zoomOf: layer => byId.get(layer)?.behaviour?.flyZoom,
    flyTo: (lonlat, zoom = Math.max(FLY_ZOOM, map.getZoom())) => map.flyTo(toLeaflet(lonlat), zoom, flight()),
    open: (layer, id) => {
      const source = byId.get(layer) ?? {collection: collections.find(one => one.id === layer)};
      const open = source.behaviour?.open ?? ((feature, all, collection) => openFeature(collection, feature, all));
      open(id, context, source.collection);
    },
    placed: lonlat => { context.notices.say(t('place.done')); context.flyTo(lonlat); },
  };
  return context;
}

/** Leaflet's options of a flight; who asked for less motion is put there at once. */
const flight = () => (matchMedia('(prefers-reduced-motion: reduce)').matches ? {animate: false} : {duration: 0.8});

function nameTown(town) {
  const name = () => {
    const [whole, place] = [t('wall.title'), titleOf(town)];
    document.title = at('title').textContent = place === whole ? whole : `${place} · ${whole}`;
  };
  document.addEventListener('words', name);
  at('synthetic').hidden = !town.synthetic;
  at('empty').hidden = Boolean(town.bbox);
  name();
}

function addTiles({map, notices}, sources) {
  const tiles = new VectorTiles(sources);
  tiles.on('layerfailed', ({source, error}) => {
    const text = t('tiles.failed', {what: titleOf(source.collection), reason: reasonOf(error)});
    notices.failed(source.id, text, () => tiles.refresh());
  });
  tiles.on('layerload', ({source}) => notices.clear(source.id));
  tiles.addTo(map);
  addLabels(map, tiles);
  document.addEventListener('theme', () => tiles.refresh());
  return tiles;
}

function found({layer, id, lon, lat, bbox}, context) {
  if (bbox) context.map.flyToBounds(boundsOf(bbox), {...flight(), maxZoom: FLY_ZOOM, ...fitPadding(context.map.getContainer())});
  else context.flyTo([lon, lat], context.zoomOf(layer));
  context.open(layer, id);
}

function clicked(latlng, {context, tiles, live}) {
  if (context.placeMode.active) { context.placeMode.take(latlng); return; }
  if ([...live.values()].some(layer => layer.click(latlng))) return;
  const [hit] = tiles.hits(fromLeaflet(latlng));
  if (hit && isGathered(hit.feature)) context.flyTo(fromLeaflet(latlng), context.map.getZoom() + ZOOM_IN);
  else if (hit) context.open(hit.source.id, hit.feature.id);
  else context.drawer.close();
}

async function start() {
  useKeptTheme();
  at('theme').addEventListener('click', switchTheme);
  at('language').addEventListener('click', switchLanguage);
  try {
    await loadWords();
    await begin();
  } catch (error) {
    at('map').replaceChildren(stateLine('failed', t('state.failed', {reason: reasonOf(error)}), {label: t('state.retry'), act: () => location.reload()}));
    if (!(error instanceof ApiError)) throw error;
  }
}

start();
