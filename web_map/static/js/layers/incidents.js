/** Cases: live symbols, figures, ticker, tray, dispatch, hours and cards. */
import {openCase} from '../cases/case-card.js';
import {followAddress} from '../cases/case-address.js';
import {CaseLayer} from '../cases/case-layer.js';
import {openCaseList} from '../cases/case-list.js';
import {startDispatch} from '../cases/dispatch/start.js';
import {DueClock} from '../cases/due-clock.js';
import {CaseFetch} from '../cases/case-fetch.js';
import {Feed} from '../cases/feed.js';
import {FilterBar} from '../cases/filter-bar.js';
import {CaseNames} from '../cases/names.js';
import {Figures} from '../cases/figures.js';
import {Filters} from '../cases/filters.js';
import {showHours} from '../cases/hours.js';
import {caseLegend} from '../cases/legend.js';
import {Pulses} from '../cases/pulses.js';
import {Ticker} from '../cases/ticker.js';
import {Tray} from '../cases/tray.js';
import {WrongDispatch} from '../cases/wrong-dispatch.js';
import {startOfDay} from '../format.js';
import {reasonOf, t} from '../i18n.js';
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
  const filters = new Filters(() => startOfDay(new Date(), wall.town.time_zone));
  const context = Object.assign(wall, {names: new CaseNames(), filters});
  const parts = makeParts({id, path, context, filters});
  const {layer, figures, ticker, tray, bar, dispatch, wrong} = parts;
  const refreshHours = showHours(at('hours'), path, context, filters);
  const begin = () => Promise.all([figures.refresh(), ticker.refresh(), refreshHours(), dispatch.queue.refresh(), bar.refresh()]);
  const refresh = () => Promise.all([layer.refresh(), begin(), context.card?.heard()]);
  const clock = new DueClock(ids => { layer.refresh(); ticker.age(ids); figures.touch(); bar.touch(); });
  const feed = makeFeed(path, {...parts, context, refresh, clock, pulses: new Pulses(context.map)});
  layer.setVisible(visible);
  nameCategories(path, context);
  followAddress(path, context);
  begin();
  return {
    refresh,
    changed: changes => (changes.some(change => !change.id) ? refresh() : feed.add(changes)),
    setVisible: shown => layer.setVisible(shown),
    click: latlng => clicked(layer.hit(latlng), {layer, path, context}),
    keys: {t: () => tray.toggle(), f: () => bar.toggle(), w: () => wrong.toggle(), ...dispatch.keys},
  };
}

function makeParts({id, path, context, filters}) {
  const {notices, map} = context;
  const chosen = entry => choose(entry, path, context);
  const layer = new CaseLayer(map, {
    id, filters,
    failed: error => notices.failed(path, t('tiles.failed', {what: t('ticker.title'), reason: reasonOf(error)}), () => layer.refresh()),
    loaded: () => notices.clear(path),
  });
  const tray = new Tray({panel: at('tray'), button: at('tray-button')}, path, {context, filters, chosen});
  return {
    layer, tray,
    figures: new Figures(at('figures'), path, {context, filters, counted: count => tray.counted(count), overdue: () => layer.refresh()}),
    ticker: new Ticker(at('ticker'), path, {context, filters, chosen}),
    bar: new FilterBar(at('filter'), path, {context, filters}),
    wrong: new WrongDispatch(at('wrong'), path, {context, filters}),
    dispatch: startDispatch({panel: at('batch'), button: at('batch-button')}, path, {context, filters, chosen}),
  };
}

function nameCategories(path, {names, notices}) {
  names.load(path).catch(error => notices.failed('categories', t('state.failed', {reason: reasonOf(error)}), () => nameCategories(path, {names, notices})));
}

function makeFeed(path, {layer, figures, ticker, bar, dispatch, wrong, context, refresh, clock, pulses}) {
  const arrive = arrivals => {
    for (const {feature: {shown, ...feature}, kinds} of arrivals) {
      layer.put(feature, shown);
      ticker.arrive(feature, {kinds, shown});
      clock.note(feature.id, feature.properties);
      const isNew = kinds.includes('reported') || kinds.includes('placed');
      if (isNew && shown && feature.geometry) pulses.at(feature.geometry.coordinates, feature.properties.severity === 1);
      if (context.card?.id === feature.id) context.card.heard();
    }
    for (const part of [figures, bar, dispatch.queue, wrong]) part.touch();
  };
  const fetch = new CaseFetch(path, context.filters);
  return new Feed({fetchItems: ids => fetch.items(ids), arrive, overflow: refresh});
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
  else openCaseList(path, layer.boxOf(feature), context.filters.query(), context);
  return true;
}
