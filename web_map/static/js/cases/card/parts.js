/** The parts of a case's card that load on their own. */
import {getJson} from '../../api.js';
import {dutyList} from '../../duties.js';
import {t} from '../../i18n.js';
import {historyOf, namesIn} from './history.js';
import {nearbyOf} from './nearby.js';
import {Part} from './part.js';
import {pictures} from './photos.js';
import {progressOf} from './progress.js';
import {proposalsOf} from './proposals.js';

/** @param {import('../case-card.js').CaseCard} card @returns {Record<string, Part>} */
export function partsOf(card) {
  const isOpen = () => card.feature.properties.stage !== 'closed';
  const placed = () => Boolean(card.feature.geometry);
  const parts = {
    procedure: new Part({
      name: 'procedure', title: () => '', load: () => getJson(`${card.address}/moves`), draw: progressOf,
      loaded: view => {
        Object.assign(card, {view, procedure: {...view.procedure, moves: card.procedure?.moves}});
        card.moves.redraw();
        card.words.learn([]);
        for (const part of [parts.proposals, parts.history]) part.redraw();
        nameMoves(view.procedure, card, parts.history);
      },
    }),
    proposals: new Part({
      name: 'proposals', title: () => t('proposals.title'), draw: content => proposalsOf(content, card),
      load: async () => (placed() && isOpen() ? getJson(`${card.address}/proposals`) : null),
      loaded: content => {
        card.proposals = content?.proposals ?? [];
        card.words.learn(namesOfProposals(content));
      },
    }),
    nearby: new Part({
      name: 'nearby', title: () => t('nearby.title'), load: () => getJson(`${card.address}/nearby`), draw: content => nearbyOf(content, card),
    }),
    duties: new Part({
      name: 'duties', title: () => t('case.duty'), load: () => dutiesOf(card.feature), draw: duties => (duties ? [dutyList(duties)] : []),
    }),
    photos: new Part({
      name: 'photos', title: () => t('photo.title'), load: async () => card.feature.properties.photos ?? [], draw: photos => (photos.length ? [pictures(photos)] : []),
    }),
    history: new Part({
      name: 'history', title: () => t('case.history'), load: () => getJson(`${card.address}/steps`), draw: steps => historyOf(steps, card), empty: () => t('history.none'),
      loaded: steps => { card.steps = steps; card.words.learn(namesIn(steps)); },
    }),
  };
  return parts;
}

/**
 * Load what a dispatcher decides by before the rest, which nobody needs who has gone on to the next case.
 * @param {import('../case-card.js').CaseCard} card
 */
export async function loadParts(card) {
  const {procedure, proposals, ...rest} = card.parts;
  await Promise.all([procedure, proposals].map(part => part.refresh()));
  card.moves.offer();
  if (card.context.card === card) await Promise.all(Object.values(rest).map(part => part.refresh()));
}

/** The procedure's own words for moves that are not possible any more, but were made. */
async function nameMoves({code, edition}, card, history) {
  if (card.procedure.moves) return;
  const {features} = await getJson('/collections/procedures/items', {code, edition, limit: 1});
  card.procedure.moves = features[0]?.properties.definition.moves ?? [];
  history.redraw();
  card.moves.redraw();
}

function* namesOfProposals(content) {
  for (const {post, title, holder, unit, unit_name: name} of content?.proposals ?? []) {
    if (post) yield [post, holder || title];
    if (unit && name) yield [unit, name];
  }
}

/** The posts of the grid that answers for the case, as they were when it was reported; null without a place. */
async function dutiesOf({geometry, properties}) {
  if (!geometry) return null;
  const [lon, lat] = geometry.coordinates;
  const {accuracy_m: accuracyM, reported_at: reportedAt, grid_code: own} = properties;
  const {grids, neighbours} = await getJson('/locate', {lon, lat, accuracy_m: accuracyM, valid_at: reportedAt});
  return [...grids, ...neighbours].find(({code}) => code === own)?.duties ?? [];
}
