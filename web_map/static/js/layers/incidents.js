/** Cases: live symbols, figures, ticker, tray, hours and cards. */
import {getJson} from '../api.js';
import {openCase} from '../cases/case-card.js';
import {CaseLayer} from '../cases/case-layer.js';
import {openCaseList} from '../cases/case-list.js';
import {Feed} from '../cases/feed.js';
import {CaseNames} from '../cases/names.js';
import {Figures} from '../cases/figures.js';
import {Filters} from '../cases/filters.js';
import {showHours} from '../cases/hours.js';
import {caseLegend} from '../cases/legend.js';
import {Pulses} from '../cases/pulses.js';
import {Ticker} from '../cases/ticker.js';
import {Tray} from '../cases/tray.js';
import {startOfDay} from '../format.js';
import {t} from '../i18n.js';
import {lonlatOf} from '../mercator.js';

const CLOSE_ZOOM = 17;
const ZOOM_IN = 2;

export const open = (id, context, collection) => openCase(pathOf(collection), id, context);
export const legend = caseLegend;

const pathOf = ({id}) => `/collections/${id}`;
const at = id => document.getElementById(id);

/**
 * Bring the layer to life on the wall.
 * @param {object} source see layers.js
 * @param {object} context what wall.js hands to every layer
 */
export function start({id, collection, visible}, wall) {
  const path = pathOf(collection);
  const names = new CaseNames();
  const context = Object.assign(wall, {names});
  const {map, notices} = context;
  const filters = new Filters(() => startOfDay(new Date(), context.town.time_zone));
  const chosen = entry => choose(entry, path, context);
  const layer = new CaseLayer(map, {
    id, filters,
    failed: error => notices.failed(path, t('tiles.failed', {what: t('ticker.title'), reason: error.message}), () => layer.refresh()),
    loaded: () => notices.clear(path),
  });
  const tray = new Tray({panel: at('tray'), button: at('tray-button')}, path, {context, chosen});
  const figures = new Figures(at('figures'), path, {context, filters, counted: count => tray.counted(count)});
  const ticker = new Ticker(at('ticker'), path, {context, filters, chosen});
  const refreshHours = showHours(at('hours'), path, context);
  const begin = () => Promise.all([figures.refresh(), ticker.refresh(), refreshHours()]);
  const refresh = () => Promise.all([layer.refresh(), begin()]);
  const feed = makeFeed(path, {layer, figures, ticker, refresh, pulses: new Pulses(map)});
  layer.setVisible(visible);
  names.load(path).catch(error => notices.failed('categories', t('state.failed', {reason: error.message}), () => names.load(path)));
  begin();
  return {
    refresh,
    changed: changes => (changes.some(change => !change.id) ? refresh() : feed.add(changes)),
    setVisible: shown => layer.setVisible(shown),
    click: latlng => clicked(layer.hit(latlng), {layer, path, context}),
    toggleTray: () => tray.toggle(),
  };
}

function makeFeed(path, {layer, figures, ticker, refresh, pulses}) {
  const arrive = arrivals => {
    for (const {feature, kinds} of arrivals) {
      layer.put(feature);
      ticker.arrive(feature, kinds);
      const isNew = kinds.includes('reported') || kinds.includes('placed');
      if (isNew && feature.geometry) pulses.at(feature.geometry.coordinates, feature.properties.severity === 1);
    }
    figures.touch();
  };
  const fetchItems = async ids => (await getJson(`${path}/items`, {ids: ids.join(), limit: ids.length})).features;
  return new Feed({fetchItems, arrive, overflow: refresh});
}

function choose({id, lonlat}, path, context) {
  if (lonlat) context.flyTo(lonlat);
  openCase(path, id, context);
}

/** @returns {boolean} whether something was there */
function clicked(feature, {layer, path, context}) {
  if (!feature) return false;
  const {map} = context;
  if (feature.n === 1) openCase(path, feature.id, context);
  else if (map.getZoom() < CLOSE_ZOOM) context.flyTo(lonlatOf(feature.unit), map.getZoom() + ZOOM_IN);
  else openCaseList(path, layer.boxOf(feature), context);
  return true;
}
