/** Open cases like this one: likely duplicates, which a click merges; at the same address; nearby. */
import {ApiError, actOn} from '../../api.js';
import {element} from '../../element.js';
import {reasonOf, t, wordFor} from '../../i18n.js';
import {likenessWords} from '../likeness.js';
import {mergeForm} from '../merge-form.js';
import {caseIcon} from '../symbols.js';

/**
 * @param {{nearby?: object[], same_address?: object[], likely?: object[]}} content
 * @param {import('../case-card.js').CaseCard} card
 * @returns {(Node | null)[]}
 */
export function nearbyOf({likely = [], same_address: same = [], nearby = [], merged = []}, card) {
  return [
    list('nearby.likely', likely, true, row => likelyRow(row, card)),
    list('nearby.same', same, false, row => element('li', {}, opener(row, card))),
    list('nearby.near', nearby, false, row => element('li', {}, opener(row, card))),
    list('nearby.merged', merged, false, row => element('li', {}, opener(row, card))),
  ];
}

function list(words, rows, open, draw) {
  if (!rows.length) return null;
  return element('details', {open, data: {key: words}}, element('summary', {data: {key: `${words}-summary`}}, t(words, {count: rows.length})),
    element('ul.rows', {}, ...rows.map(draw)));
}

function opener(row, card, ...more) {
  const {format, names} = card.context;
  const words = [row.number, row.address].filter(Boolean).join(' · ');
  const far = typeof row.distance_m === 'number' ? format.distance(row.distance_m) : '';
  return element('button.line', {type: 'button', data: {key: `case-${row.id}`}, onclick: () => card.openOther(row.id)},
    caseIcon({stage: row.stage, severity: row.severity ?? 4}),
    element('span.line-title.ellipsis', {}, `${names.category(row.category)} · ${wordFor('stage', row.stage)}`),
    element('span.line-time.small', {}, far),
    element('span.line-place.muted.small.ellipsis', {title: words}, words), ...more);
}

function likelyRow(row, card) {
  const slot = element('div.merge-slot', {});
  const begin = () => {
    const form = mergeForm({send: reason => merge(row, card, reason), stale: () => card.refresh(), leave: () => slot.replaceChildren()});
    slot.replaceChildren(form);
    form.querySelector('input').select();
  };
  const button = card.mayHandle && !card.feature.properties.duplicate_of ? element('button', {type: 'button', data: {key: `merge-${row.id}`}, onclick: begin}, t('merge.into')) : null;
  return element('li.likely', {data: {id: row.id}}, opener(row, card), element('div.likely-end', {}, element('span.small.muted', {}, likenessWords(row, card.context.format)), button), slot);
}

async function merge(row, card, reason) {
  card.take(await actOn(`${card.address}/merge`, {into: row.id, reason}, card.version));
  card.moves.say(t('merge.done', {number: row.number}), 'done');
}

/** Take a merged case apart again. @param {import('../case-card.js').CaseCard} card */
export async function unmerge(card) {
  try {
    card.take(await actOn(`${card.address}/unmerge`, {}, card.version));
    card.moves.say(t('merge.undone'), 'done');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    card.moves.say(reasonOf(error));
  }
}
