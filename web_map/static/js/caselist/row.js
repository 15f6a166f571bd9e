/** One case as a row of the list; on a phone the same cells make a card. */
import {limitOf, spanOf} from '../cases/card/due.js';
import {entryOf} from '../cases/entry.js';
import {caseIcon} from '../cases/symbols.js';
import {element} from '../element.js';
import {t, wordFor} from '../i18n.js';

/** Columns after the one for selecting; their words are `column.<name>`. */
export const COLUMNS = ['severity', 'item', 'number', 'step', 'grid', 'unit', 'reported', 'due', 'source'];

/**
 * @param {object} feature
 * @param {{context: object, rows: import('./rows-model.js').CaseRows, changed: Set<number>, open: (id: number) => void, select: (id: number, range: boolean) => void}} list
 * @returns {HTMLTableRowElement}
 */
export function rowOf(feature, list) {
  const {id, properties} = feature;
  const entry = entryOf(feature, list.context.names);
  const selected = list.rows.selected.has(id);
  const box = element('input', {type: 'checkbox', tabIndex: -1, checked: selected, 'aria-label': t('cases.select', {number: properties.number}), onclick: event => { event.stopPropagation(); list.select(id, event.shiftKey); }});
  const data = {id, ...(list.changed.has(id) ? {changed: ''} : {}), ...(list.rows.gone.has(id) ? {gone: ''} : {}), ...(entry.overdue ? {overdue: ''} : {})};
  return element('tr.case-row', {tabIndex: -1, 'aria-selected': String(selected), data, onclick: () => list.open(id)},
    element('td.cell-select', {}, box), ...COLUMNS.map(name => cell(name, CELLS[name](feature, entry, list.context))));
}

const cell = (name, content) => element(`td.cell-${name}`, {}, ...content);
const line = words => element('span.cell-line.ellipsis', {title: words}, words);
const below = words => (words ? element('span.cell-line.muted.small.ellipsis', {title: words}, words) : null);

const CELLS = {
  severity: (_, entry) => [caseIcon(entry), element('span.visually-hidden', {}, wordFor('severity', entry.severity))],
  item: ({id, properties}, entry) => [element('a.case-link.ellipsis', {href: `#case-${id}`, tabIndex: -1, title: entry.title, onclick: event => event.preventDefault()}, entry.title), below(properties.address || properties.description)],
  number: ({properties}) => [element('span.cell-line', {}, properties.number)],
  step: ({properties}, entry, {names}) => {
    const {step, level} = names.place(properties);
    return [line(step || wordFor('stage', entry.stage)), below([step && wordFor('stage', entry.stage), level].filter(Boolean).join(' · '))];
  },
  grid: ({properties}, entry, {names}) => {
    const grid = entry.gridName ?? t('case.unlocated');
    const village = names.village(properties.grid_code);
    return [line(grid), below(grid.startsWith(village) ? '' : village)];
  },
  unit: ({properties}, entry, {names}) => {
    const [unit, post] = [names.unit(properties.unit), names.post(properties.post)];
    return [line(post || unit || '—'), below(post && unit)];
  },
  reported: (_, entry, {format}) => [element('time', {dateTime: entry.at}, format.moment(entry.at))],
  due: ({properties}, entry, context) => dueWords(properties, context),
  source: ({properties}) => [properties.source ? wordFor('source', properties.source) : ''],
};

/** When it is due, and how much of that is left, was kept or was missed. */
export function dueWords(properties, {format}) {
  const limit = limitOf(properties, Date.now());
  if (!limit) return ['—'];
  const words = t(`case.limit.${limit.state}`, {span: format.span(spanOf(limit.ms))});
  return [element('span.due', {data: {limit: limit.state}}, words), element('time.cell-line.muted.small', {dateTime: properties.due_at}, format.moment(properties.due_at))];
}
