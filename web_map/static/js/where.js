/** "Which grid am I in": a position, a tap or an address; for anyone, on a phone first. */
import {circle, layerGroup, marker, divIcon} from 'leaflet';
import {ApiError, getJson} from './api.js';
import {choicesOf} from './border.js';
import {ReportForm} from './cases/report-form.js';
import {element, stateLine} from './element.js';
import {makeFormat} from './format.js';
import {currentLanguage, loadWords, reasonOf, switchLanguage, t} from './i18n.js';
import {makeSources} from './layers.js';
import {addLabels} from './labels.js';
import {fromLeaflet, toLeaflet} from './lonlat.js';
import {makeMap} from './map.js';
import {switchTheme, useKeptTheme} from './theme.js';
import {VectorTiles} from './vector-tiles.js';
import {answerNodes} from './where-answer.js';

const POSITION = {enableHighAccuracy: true, timeout: 15000, maximumAge: 10000};
const CLOSE_ZOOM = 17;
const RETRY_MS = 5000;
/** Drawing order up to which layers are for finding one's way; places and cases lie above. */
const BACKGROUND = 30;
const at = id => document.getElementById(id);
const state = {asked: 0, answer: null, place: null, chosen: '', note: '', marks: null};
const form = new ReportForm(element('section', {id: 'report', 'aria-live': 'off'}));

/** Fetch the town and draw its map. @returns {Promise<(lonlat: [number, number], accuracyM?: number) => void>} marks a place */
async function drawMap() {
  const [town, {collections}] = await Promise.all([getJson('/town'), getJson('/collections')]);
  const sources = (await makeSources(collections.filter(({order}) => order <= BACKGROUND))).map(source => ({...source, visible: true}));
  const map = await makeMap(at('map'), town, {scrollWheelZoom: false});
  const tiles = new VectorTiles(sources).addTo(map);
  tiles.on('layerfailed', () => setTimeout(() => tiles.refresh(), RETRY_MS));
  addLabels(map, tiles);
  document.addEventListener('theme', () => tiles.refresh());
  at('synthetic').hidden = !town.synthetic;
  const here = layerGroup().addTo(map);
  const tapped = latlng => askAt(fromLeaflet(latlng), null, t('where.tapped'));
  map.on('click', ({latlng}) => tapped(latlng));
  at('map').addEventListener('keydown', event => { if (event.key === 'Enter') tapped(map.getCenter()); });
  return (lonlat, accuracyM) => mark(here, map, lonlat, accuracyM);
}

/** The questions work before the map is there, and without it. */
function listen() {
  at('locate').addEventListener('click', locate);
  at('address-form').addEventListener('submit', event => {
    event.preventDefault();
    const q = at('address').value.trim();
    if (q) ask({q}, q);
  });
  document.addEventListener('words', render);
  at('theme').addEventListener('click', switchTheme);
  at('language').addEventListener('click', switchLanguage);
}

/** Ask about a position; an embedded browser that gives another CRS says so by `?crs=gcj02`. */
function askAt([lon, lat], accuracyM, note) {
  const crs = accuracyM === null ? null : new URLSearchParams(location.search).get('crs');
  return ask({lon, lat, accuracy_m: accuracyM, crs}, note);
}

function locate() {
  const fail = reason => at('answer').replaceChildren(stateLine('failed', t(`where.${reason}`)));
  if (!navigator.geolocation || !isSecureContext) { fail('insecure'); return; }
  at('answer').replaceChildren(stateLine('loading', t('where.locating')));
  navigator.geolocation.getCurrentPosition(({coords}) => {
    const {distance} = makeFormat({language: currentLanguage()});
    const note = t('where.accuracy', {distance: distance(coords.accuracy)});
    askAt([coords.longitude, coords.latitude], coords.accuracy, note);
  }, error => fail(error.code === error.PERMISSION_DENIED ? 'denied' : 'unavailable'), POSITION);
}

async function ask(query, note) {
  const asked = (state.asked += 1);
  at('answer').replaceChildren(stateLine('loading', t('state.loading')));
  try {
    const answer = await getJson('/locate', query);
    if (asked !== state.asked) return;
    Object.assign(state, {answer, place: placeOf(query, answer), chosen: '', note});
    render();
    (await state.marks)?.(answer.point, query.accuracy_m);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (asked !== state.asked) return;
    const unknown = error.status === 404;
    const text = unknown ? t('search.empty', {q: note}) : t('state.failed', {reason: reasonOf(error)});
    at('answer').replaceChildren(stateLine('failed', text, unknown ? undefined : {label: t('state.retry'), act: () => ask(query, note)}));
  }
}

function render() {
  fillWords();
  if (!state.answer) return;
  const choose = code => { state.chosen = code; render(); at('answer').querySelector(`[data-code="${code}"]`)?.focus(); };
  const note = element('p.muted.small', {}, state.note);
  form.at({place: state.place, choices: choicesOf(state.answer), chosen: state.chosen});
  const parts = {chosen: state.chosen, choose, form: form.node};
  at('answer').replaceChildren(...answerNodes(state.answer, parts), note, ...candidates(state.answer));
}

/** The place as a report gives it on: a position in its own CRS, an address with the point that was found. */
function placeOf({lon, lat, accuracy_m: accuracyM = null, crs = null, q: address = ''}, {point}) {
  const [x, y] = address ? point : [lon, lat];
  return {lon: x, lat: y, accuracyM, crs, address};
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

/** Try to draw the map; without it the answers still work. */
async function tryMap() {
  try {
    return await drawMap();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const retry = {label: t('state.retry'), act: () => { state.marks = tryMap(); }};
    at('map').replaceChildren(stateLine('failed', t('state.failed', {reason: reasonOf(error)}), retry));
    return null;
  }
}

async function start() {
  useKeptTheme();
  await loadWords();
  listen();
  fillWords();
  at('answer').replaceChildren(stateLine('empty', t('where.start')));
  at('locate').disabled = false;
  state.marks = tryMap();
}

start();
