/** The same as the diagram, as tables of text. */
import {element} from '../element.js';
import {t, wordFor} from '../i18n.js';
import {byWords, comma, levelLines, limitWords, nameOf, needWords} from './words.js';

/** @param {string} caption @param {string[]} heads @param {(Node | string)[][]} rows */
export function table(caption, heads, rows) {
  const head = element('thead', {}, element('tr', {}, ...heads.map(words => element('th', {scope: 'col'}, words))));
  const lines = rows.map(([first, ...cells]) => element('tr', {}, element('th', {scope: 'row'}, first), ...cells.map(cell => element('td', {}, cell))));
  return element('div.table-frame', {tabIndex: 0, role: 'region', 'aria-label': caption}, element('table.table', {}, element('caption', {}, caption), head, element('tbody', {}, ...lines)));
}

/** @param {object[]} steps */
export function stepTable(steps) {
  const rows = steps.map((step, index) => [`${index + 1}. ${nameOf(step)}`, wordFor('stage', step.stage), limitWords(step) || '—', step.final ? t('procedure.final') : '']);
  return table(t('procedure.steps'), ['procedure.step', 'procedure.stage', 'procedure.limit_head', 'procedure.note'].map(key => t(key)), rows);
}

/** @param {{moves: object[], steps: object[]}} procedure one line a move, however many steps it leaves from */
export function moveTable({moves, steps}) {
  const titles = new Map(steps.map(step => [step.code, nameOf(step)]));
  const byCode = new Map();
  for (const move of moves) byCode.set(move.code, [...(byCode.get(move.code) ?? []), move]);
  const rows = [...byCode.values()].map(same => moveRow(same, titles));
  return table(t('procedure.moves'), ['procedure.move', 'procedure.from', 'procedure.to', 'procedure.by', 'procedure.needs', 'procedure.key'].map(key => t(key)), rows);
}

function moveRow(same, titles) {
  const [move] = same;
  const from = same.map(one => titles.get(one.from)).join(comma());
  const stays = same.every(one => one.to === one.from);
  const kind = stays || move.kind === 'back' || move.kind === 'level' ? t(`procedure.way.${move.kind}`) : '';
  const to = [kind, stays ? '' : titles.get(move.to)].filter(Boolean).join(' → ');
  return [nameOf(move), from, to, move.by.map(byWords).join(comma()), move.needs.map(needWords).join(comma()) || '—', element('kbd', {}, move.key ?? '')];
}

/** @param {object[]} levels */
export function levelTable(levels) {
  const rows = levels.map(level => levelLines(level));
  return table(t('procedure.levels'), [t('procedure.level'), t('procedure.body')], rows);
}
