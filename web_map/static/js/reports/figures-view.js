/** The figures of a report: rates with numerator and denominator, counts, and tables by group; each number leads to its rows. */
import {element} from '../element.js';
import {t} from '../i18n.js';
import {rateBar} from './bars.js';
import {COUNTS, GROUPS, RATES, rowsOf} from './report-model.js';

/** Columns of the tables by group; the closing rate stands between due and the rest. */
const COLUMNS = ['filed', 'due', 'closed_due', 'overdue', 'closed', 'in_grid', 'returned', 'reworked', 'delayed', 'open'];

/** The many posts have a table of their own, which is folded (see post-table.js). */
const FOLDED = 'post';

/** @param {object} content of the report @param {Record<string, string>} frame @param {object} format */
export function figuresView({figures, rates, groups}, frame, format) {
  const tables = Object.keys(GROUPS).filter(by => groups[by] && by !== FOLDED).map(by => groupTable(by, groups[by], {frame, format}));
  return [rateTiles(figures, rates, {frame, format}), countTable(figures, {frame, format}), ...tables];
}

const link = (figure, value, {frame, format}, own) => element('a', {href: rowsOf(figure, frame, own)}, format.number(value));

function rateTiles(figures, rates, how) {
  const tiles = RATES.map(([name, part, whole]) => element('div.rate.keep', {data: {rate: name}},
    element('dt', {}, t(`rate.${name}`)),
    element('dd', {}, element('span.rate-value', {}, rates[name] === null ? '—' : how.format.rate(rates[name])), rateBar(rates[name]),
      element('span.rate-parts.small', {}, `${t(`figure.${part}`)} `, link(part, figures[part], how), ` ÷ ${t(`figure.${whole}`)} `, link(whole, figures[whole], how)))));
  return element('section', {}, element('h2', {}, t('report.rates')), element('dl.rates', {}, ...tiles));
}

function countTable(figures, how) {
  const names = COUNTS.filter(name => name in figures);
  const unlocated = 'unlocated' in figures ? [element('div.count-one', {}, element('dt', {}, t('report.unlocated')), element('dd', {}, how.format.number(figures.unlocated)))] : [];
  return element('section.keep', {}, element('h2', {}, t('report.counts')),
    element('dl.counts', {}, ...names.map(name => element('div.count-one', {data: {figure: name}}, element('dt', {}, t(`figure.${name}`)), element('dd', {}, link(name, figures[name], how)))), ...unlocated));
}

/** @param {string} by @param {object[]} groups @param {{frame: Record<string, string>, format: object}} how */
export function groupTable(by, groups, how) {
  const heads = [t(`report.by.${by}`), ...COLUMNS.slice(0, 3).map(name => t(`figure.${name}`)), t('rate.closing'), ...COLUMNS.slice(3).map(name => t(`figure.${name}`))];
  const head = element('tr', {}, ...heads.map((words, index) => element(index ? 'th.number' : 'th', {scope: 'col'}, words)));
  const rows = groups.map(group => groupRow(by, group, how));
  const caption = t('report.table', {by: t(`report.by.${by}`)});
  return element('div.table-frame', {tabIndex: 0, role: 'region', 'aria-label': caption, data: {by}}, element('table.table.figures-table', {}, element('caption', {}, caption), element('thead', {}, head), element('tbody', {}, ...rows)));
}

function groupRow(by, {key, title, figures, rates}, how) {
  const own = {[GROUPS[by]]: key};
  const number = name => element('td.number', {}, figures[name] ? link(name, figures[name], how, own) : '0');
  const rate = element('td.number.with-bar', {}, ...(rates.closing === null ? ['—'] : [rateBar(rates.closing), how.format.rate(rates.closing)]));
  const name = key === 'none' ? t(`report.none.${by}`) : title ?? key;
  return element('tr', {}, element('th', {scope: 'row'}, name), ...COLUMNS.slice(0, 3).map(number), rate, ...COLUMNS.slice(3).map(number));
}
