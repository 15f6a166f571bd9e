/** Where a case of words only may be: at most five buildings with scores; Enter takes the first. */
import {signInLink} from '../account.js';
import {element} from '../element.js';
import {t} from '../i18n.js';

const SHOWN = 5;

/** @param {{candidates?: object[]}} properties of the case @returns {object[]} the buildings that it may be at, likeliest first */
export const candidatesOf = ({candidates}) => (candidates ?? []).filter(({lon}) => Number.isFinite(lon)).slice(0, SHOWN);

/**
 * @param {object} properties of the case
 * @param {object} context
 * @param {{place: (lonlat: [number, number], buildingId: number) => void, byMap: () => void, may: boolean}} ways
 */
export function candidateList(properties, context, {place, byMap, may}) {
  const found = candidatesOf(properties);
  context.pins?.show(found.map(({lon, lat}) => [lon, lat]));
  const lines = found.map((candidate, index) => candidateLine(candidate, index, context, may && place));
  const onMap = may && context.placeMode ? element('button', {type: 'button', onclick: byMap, data: {key: 'on-map', ...(lines.length ? {} : {first: ''})}}, t('place.on_map')) : null;
  const hint = t(lines.length ? 'place.hint' : 'place.none');
  return element('section.card-part.candidates', {}, element('h3', {}, t('place.title')), element('p.muted.small', {}, hint),
    element('ol.rows', {onkeydown: moveFocus}, ...lines), may ? onMap : signInLink(t('place.sign_in')));
}

function candidateLine({label, score, lon, lat, building_id: buildingId}, index, context, place) {
  const bar = element('span.score-fill', {});
  bar.style.width = `${Math.round(score * 100)}%`;
  const take = () => place([lon, lat], buildingId);
  const mark = () => context.pins?.mark(index);
  return element('li', {}, element('button.candidate', {type: 'button', disabled: !place, onclick: take, onfocus: mark, onmouseenter: mark, 'aria-keyshortcuts': String(index + 1), data: {key: `candidate-${index}`, ...(index ? {} : {first: ''})}},
    element('span.candidate-rank', {}, index + 1),
    element('span.ellipsis', {title: label}, label),
    element('span.score', {}, context.format.percent(score)),
    element('span.score-track', {'aria-hidden': 'true'}, bar)));
}

function moveFocus(event) {
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (!step) return;
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
  event.preventDefault();
}
