/** Open cases like this one: likely duplicates, which a click merges; at the same address; nearby. */
import {ApiError, actOn} from '../../api.js';
import {element} from '../../element.js';
import {hasWord, t, wordFor} from '../../i18n.js';
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
  const {format} = card.context;
  const slot = element('div.merge-slot', {});
  const chance = typeof row.probability === 'number' ? format.percent(row.probability) : '';
  const why = [chance, row.hours !== undefined && row.hours !== null && t('nearby.hours', {hours: format.number(row.hours)}), ...reasons(row, format)].filter(Boolean).join(' · ');
  const begin = () => {
    const form = mergeForm(row, card, () => { slot.replaceChildren(); });
    slot.replaceChildren(form);
    form.querySelector('input').select();
  };
  const button = card.mayHandle && !card.feature.properties.duplicate_of ? element('button', {type: 'button', data: {key: `merge-${row.id}`}, onclick: begin}, t('merge.into')) : null;
  return element('li.likely', {data: {id: row.id}}, opener(row, card), element('div.likely-end', {}, element('span.small.muted', {}, why), button), slot);
}

/** Why the two may be one: what they share, and how alike their words are. */
const reasons = ({why = [], words}, format) => [
  ...why.filter(code => code !== 'words' && hasWord(`nearby.why.${code}`)).map(code => t(`nearby.why.${code}`)),
  typeof words === 'number' && why.includes('words') ? t('nearby.words', {share: format.percent(words)}) : '',
];

/** Take a merged case apart again. @param {import('../case-card.js').CaseCard} card */
export async function unmerge(card) {
  try {
    card.take(await actOn(`${card.address}/unmerge`, {}, card.version));
    card.moves.say(t('merge.undone'), 'done');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    card.moves.say(error.message);
  }
}

function mergeForm(row, card, leave) {
  const reason = element('input', {type: 'text', id: 'merge-reason', maxLength: 400, value: t('merge.same'), autocomplete: 'off'});
  const error = element('p.field-error', {role: 'alert'});
  const send = async event => {
    event.preventDefault();
    try {
      card.take(await actOn(`${card.address}/merge`, {into: row.id, reason: reason.value.trim()}, card.version));
      card.moves.say(t('merge.done', {number: row.number}), 'done');
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      error.textContent = failed.status === 412 ? t('merge.stale') : failed.message;
      if (failed.status === 412) await card.refresh();
    }
  };
  return element('form.move-form', {onsubmit: send, noValidate: true, onkeydown: event => { if (event.key === 'Escape') { event.stopPropagation(); leave(); } }},
    element('label', {htmlFor: 'merge-reason'}, t('merge.reason')), reason, error,
    element('div.move-form-end', {}, element('button.primary', {type: 'submit'}, t('merge.send'), element('kbd', {}, '⏎')), element('button', {type: 'button', onclick: leave}, t('moves.leave'), element('kbd', {}, 'Esc'))));
}
