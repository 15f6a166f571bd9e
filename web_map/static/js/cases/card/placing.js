/** Placing a case that has words only: at a candidate building, or by a click on the map. */
import {ApiError, actOn} from '../../api.js';
import {reasonOf, t} from '../../i18n.js';
import {candidateList, candidatesOf} from '../candidates.js';

/** @param {import('../case-card.js').CaseCard} card @returns {HTMLElement} */
export function placingOf(card) {
  const {context, feature: {properties}} = card;
  const place = (lonlat, buildingId) => placeCase(card, lonlat, buildingId);
  const byMap = () => context.placeMode.start(t('place.prompt', {what: properties.address || properties.number}), lonlat => place(lonlat, null));
  return candidateList(properties, context, {place, byMap, may: card.mayHandle});
}

/** Place the case at its candidate of a rank from 1. @returns {boolean} whether there is one */
export function placeAt(card, rank) {
  const candidate = candidatesOf(card.feature.properties)[rank - 1];
  if (candidate) placeCase(card, [candidate.lon, candidate.lat], candidate.building_id);
  return Boolean(candidate);
}

async function placeCase(card, lonlat, buildingId) {
  const {context} = card;
  const [lon, lat] = lonlat;
  context.placeMode?.stop();
  try {
    card.take(await actOn(`${card.address}/place`, {lon, lat, building_id: buildingId ?? null}, card.version));
    context.drawer.node.focus({preventScroll: true});
    context.placed?.(lonlat);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 412) await card.heard();
    const text = error.status === 412 ? t('place.stale') : t('state.failed', {reason: reasonOf(error)});
    context.notices.failed(card.address, text, () => placeCase(card, lonlat, buildingId));
  }
}
