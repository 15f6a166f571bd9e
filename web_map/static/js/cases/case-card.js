/** The card of a case: what, where, who answers, what happened; and, without a place, where it may be. */
import {getJson, postJson} from '../api.js';
import {dutyList} from '../duties.js';
import {element} from '../element.js';
import {t, wordFor} from '../i18n.js';
import {candidateList} from './candidates.js';
import {entryOf} from './entry.js';
import {caseIcon} from './symbols.js';

/** Who places a case from the wall, as the history names it. */
const OPERATOR = 'dispatcher';

/**
 * @param {string} path of the collection
 * @param {number} id
 * @param {object} context
 */
export function openCase(path, id, context) {
  const address = `${path}/items/${id}`;
  const place = async (lonlat, buildingId) => {
    const [lon, lat] = lonlat;
    context.placeMode.stop();
    try {
      await postJson(`${address}/place`, {lon, lat, building_id: buildingId ?? null, post: OPERATOR});
      context.placed(lonlat);
      openCase(path, id, context);
    } catch (error) {
      context.notices.failed(address, t('state.failed', {reason: error.message}), () => place(lonlat, buildingId));
    }
  };
  const byMap = properties => context.placeMode.start(t('place.prompt', {what: properties.address || properties.number}), lonlat => place(lonlat, null));
  context.drawer.show({
    title: t('case.title'),
    fetch: async () => {
      const [feature, steps] = await Promise.all([getJson(address), getJson(`${address}/steps`)]);
      const [duties] = await Promise.all([dutiesOf(feature), context.names.known(feature.properties.grid_code)]);
      return {feature, steps, duties};
    },
    render: content => cardOf(content, context, {place, byMap}),
    closed: () => { context.pins.clear(); context.placeMode.stop(); },
  });
}

/** The posts of the grid that answers for the case, as they were when it was reported. */
async function dutiesOf({geometry, properties}) {
  if (!geometry) return [];
  const [lon, lat] = geometry.coordinates;
  const {accuracy_m: accuracyM, reported_at: reportedAt, grid_code: own} = properties;
  const {grids, neighbours} = await getJson('/locate', {lon, lat, accuracy_m: accuracyM, valid_at: reportedAt});
  return [...grids, ...neighbours].find(({code}) => code === own)?.duties ?? [];
}

function cardOf({feature, steps, duties}, context, {place, byMap}) {
  const {properties, geometry} = feature;
  const parts = [headline(feature, context), facts(properties, context)];
  if (geometry) parts.push(showButton(geometry, context), borderGrids(properties, steps, context), duty(duties));
  else parts.push(candidateList(properties, context, {place, byMap: () => byMap(properties)}));
  return {title: context.names.category(properties.category), subtitle: properties.number, body: [...parts.filter(Boolean), history(steps, context.format)]};
}

function headline(feature, {format, names}) {
  const entry = entryOf(feature, names);
  const late = entry.overdue ? element('span.late', {}, t('case.overdue')) : null;
  return element('p.case-head', {}, caseIcon(entry), element('span', {}, wordFor('stage', entry.stage)), late,
    element('span.muted', {}, wordFor('severity', entry.severity)), element('time.muted', {dateTime: entry.at}, format.moment(entry.at)));
}

function facts(properties, {format, names}) {
  const rows = [
    ['case.description', properties.description],
    ['case.address', properties.address],
    ['case.grid', names.grid(properties.grid_code)],
    ['case.confidence', properties.grid_code && format.percent(properties.confidence)],
    ['case.source', properties.source && wordFor('source', properties.source)],
    ['case.due', properties.due_at && format.moment(properties.due_at)],
    ['case.placed_by', properties.placed_by && wordFor('placed', properties.placed_by)],
  ].filter(([, value]) => value);
  return element('dl.properties', {}, ...rows.flatMap(([label, value]) => [element('dt', {}, t(label)), element('dd', {}, value)]));
}

const showButton = ({coordinates}, context) =>
  element('button', {type: 'button', onclick: () => context.flyTo(coordinates)}, t('case.show'));

/** The grids in which the case may lie when its position is not sure, and whether the reporter chose among them. */
function borderGrids({grid_code: own, confidence, candidates}, steps, {format, names}) {
  const others = (candidates ?? []).filter(({lon}) => lon === undefined);
  if (!others.length) return null;
  const chosen = steps.some(({evidence}) => evidence?.grid_chosen === own);
  const line = (name, chance, badge) => element('li.pair', {}, element('span', {}, name, badge), element('span', {}, format.percent(chance)));
  return element('section.card-part.border', {}, element('h3', {}, t('case.neighbours')),
    element('ul.rows', {}, line(names.grid(own) ?? own, confidence, chosen ? element('span.badge', {}, t('case.chosen')) : null),
      ...others.map(({name, grid_code: code, chance}) => line(name ?? code, chance))));
}

const duty = duties => element('section.card-part', {}, element('h3', {}, t('case.duty')), dutyList(duties));

function history(steps, format) {
  const lines = steps.map(step => element('li.step', {},
    element('time.muted.small', {dateTime: step.at}, format.moment(step.at)),
    element('span', {}, stepWords(step)),
    element('span.muted.small', {}, [step.post && wordFor('post', step.post), step.unit && wordFor('source', step.unit), step.evidence?.address, step.reason].filter(Boolean).join(' · '))));
  return element('section.card-part', {}, element('h3', {}, t('case.history')), element('ol.steps', {}, ...lines));
}

const stepWords = ({stage_from: from, stage_to: to, evidence}) =>
  (from === to ? t(`step.placed.${evidence?.how ?? 'map'}`) : wordFor('stage', to));
