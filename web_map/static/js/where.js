/** "Which grid am I in": a position, a tap or an address; for anyone, on a phone first. */
import {circle, layerGroup, marker, divIcon} from 'leaflet';
import {getJson} from './api.js';
import {element, stateLine} from './element.js';
import {makeFormat} from './format.js';
import {currentLanguage, loadWords, switchLanguage, t} from './i18n.js';
import {makeSources} from './layers.js';
import {addLabels} from './labels.js';
import {fromLeaflet, toLeaflet} from './lonlat.js';
import {makeMap} from './map.js';
import {switchTheme, useKeptTheme} from './theme.js';
import {VectorTiles} from './vector-tiles.js';
import {answerNodes} from './where-answer.js';

const POSITION = {enableHighAccuracy: true, timeout: 15000, maximumAge: 10000};
const CLOSE_ZOOM = 17;
const at = id => document.getElementById(id);
const state = {asked: 0, answer: null, chosen: '', note: ''};

async function begin() {
  const [town, {collections}] = await Promise.all([getJson('/town'), getJson('/collections')]);
  const sources = (await makeSources(collections.filter(({live}) => !live))).map(source => ({...source, visible: true}));
  const map = await makeMap(at('map'), town, {scrollWheelZoom: false});
  const tiles = new VectorTiles(sources).addTo(map);
  tiles.on('layerfailed', () => setTimeout(() => tiles.refresh(), 5000));
  addLabels(map, tiles);
  const here = layerGroup().addTo(map);
  at('synthetic').hidden = !town.synthetic;
  const show = (lonlat, accuracyM) => mark(here, map, lonlat, accuracyM);
  const ask = query => answer(query, show);
  map.on('click', ({latlng}) => askAt(fromLeaflet(latlng), null, t('where.tapped'), ask));
  at('map').addEventListener('keydown', event => { if (event.key === 'Enter') askAt(fromLeaflet(map.getCenter()), null, t('where.tapped'), ask); });
  at('locate').addEventListener('click', () => locate(town, ask));
  at('address-form').addEventListener('submit', event => {
    event.preventDefault();
    const q = at('address').value.trim();
    if (q) ask({query: {q}, note: q});
  });
  for (const event of ['theme', 'words']) document.addEventListener(event, () => { tiles.refresh(); render(); });
  fillWords();
  at('answer').replaceChildren(stateLine('empty', t('where.start')));
}

/** Ask about a position; an embedded browser that gives another CRS says so by `?crs=gcj02`. */
function askAt([lon, lat], accuracyM, note, ask) {
  const crs = accuracyM === null ? null : new URLSearchParams(location.search).get('crs');
  return ask({query: {lon, lat, accuracy_m: accuracyM, crs}, note});
}

function locate({time_zone: timeZone}, ask) {
  const fail = reason => at('answer').replaceChildren(stateLine('failed', t(`where.${reason}`)));
  if (!navigator.geolocation || !isSecureContext) { fail('insecure'); return; }
  at('answer').replaceChildren(stateLine('loading', t('where.locating')));
  navigator.geolocation.getCurrentPosition(({coords}) => {
    const format = makeFormat({language: currentLanguage(), timeZone});
    const note = t('where.accuracy', {distance: format.distance(coords.accuracy)});
    askAt([coords.longitude, coords.latitude], coords.accuracy, note, ask);
  }, error => fail(error.code === error.PERMISSION_DENIED ? 'denied' : 'unavailable'), POSITION);
}

async function answer({query, note}, show) {
  const asked = (state.asked += 1);
  at('answer').replaceChildren(stateLine('loading', t('state.loading')));
  try {
    const found = await getJson('/locate', query);
    if (asked !== state.asked) return;
    Object.assign(state, {answer: found, chosen: '', note});
    show(found.point, query.accuracy_m);
    render();
  } catch (error) {
    if (asked !== state.asked) return;
    const way = error.status === 404 ? undefined : {label: t('state.retry'), act: () => answer({query, note}, show)};
    const text = error.status === 404 ? t('search.empty', {q: note}) : t('state.failed', {reason: error.message});
    at('answer').replaceChildren(stateLine('failed', text, way));
  }
}

function render() {
  fillWords();
  if (!state.answer) return;
  const choose = code => { state.chosen = code; render(); at('answer').querySelector(`[data-code="${code}"]`)?.focus(); };
  const note = element('p.muted.small', {}, state.note);
  at('answer').replaceChildren(...answerNodes(state.answer, state.chosen, choose), note, ...candidates(state.answer));
}

function candidates({candidates: found}) {
  if (!found || found.length < 2) return [];
  return [element('p.muted.small', {}, `${t('where.candidates')} ${found.slice(1).map(({label}) => label).join('、')}`)];
}

function mark(here, map, lonlat, accuracyM) {
  const place = toLeaflet(lonlat);
  here.clearLayers();
  if (accuracyM) here.addLayer(circle(place, {radius: accuracyM, weight: 1.5, fillOpacity: 0.12, className: 'accuracy', interactive: false}));
  here.addLayer(marker(place, {icon: divIcon({className: 'pin', iconSize: null}), interactive: false, keyboard: false}));
  map.setView(place, Math.max(CLOSE_ZOOM, map.getZoom()));
}

const fillWords = () => {
  at('address').placeholder = t('where.address');
  document.title = t('where.title');
};

async function start() {
  useKeptTheme();
  at('theme').addEventListener('click', switchTheme);
  at('language').addEventListener('click', switchLanguage);
  try {
    await loadWords();
    await begin();
  } catch (error) {
    at('answer').replaceChildren(stateLine('failed', t('state.failed', {reason: error.message}), {label: t('state.retry'), act: () => location.reload()}));
    throw error;
  }
}

start();
