/** How many dispatches of the period were sent back, by item and grid, and whether proposals promised too much. */
import {ApiError, getJson} from '../api.js';
import {element, stateLine} from '../element.js';
import {reasonOf, t} from '../i18n.js';
import {calibrationBar, rateBar} from './bars.js';
import {inUtc} from './report-model.js';

const PATH = '/collections/incidents/wrong_dispatch';

/** @param {{starts_at: string, ends_at: string}} report @param {object} format @returns {HTMLElement} a section that fills itself */
export function wrongDispatch({starts_at: from, ends_at: to}, format) {
  const node = element('section.wrong-dispatch', {});
  const load = async () => {
    node.replaceChildren(heading(), stateLine('loading', t('state.loading')));
    try {
      const [byCategory, byGrid] = await Promise.all(['category', 'grid'].map(by => getJson(PATH, {by, from: inUtc(from), to: inUtc(to)})));
      node.replaceChildren(heading(), ...(byCategory.rows.length ? filled(byCategory, byGrid, format) : [stateLine('empty', t('sent_back.none'))]));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      node.replaceChildren(heading(), stateLine('failed', t('state.failed', {reason: reasonOf(error)}), {label: t('state.retry'), act: load}));
    }
  };
  load();
  return node;
}

const heading = () => element('h2', {}, t('sent_back.title'), ' ', element('span.muted.small', {}, t('sent_back.now')));

function filled(byCategory, byGrid, format) {
  return [rateTable(t('report.by.category'), byCategory.rows, format), rateTable(t('report.by.grid'), byGrid.rows, format), calibration(byCategory.calibration, format)];
}

function frame(caption, heads, rows) {
  const head = element('tr', {}, ...heads.map((words, index) => element(index ? 'th.number' : 'th', {scope: 'col'}, words)));
  return element('div.table-frame', {tabIndex: 0, role: 'region', 'aria-label': caption}, element('table.table', {}, element('caption', {}, caption), element('thead', {}, head), element('tbody', {}, ...rows)));
}

const cell = (...content) => element('td.number', {}, ...content);

/** Those of which something was sent back, the worst first; how many others there are. */
function rateTable(by, rows, format) {
  const line = ({key, title, dispatched, returned, rate}) => element('tr', {}, element('th', {scope: 'row'}, title || key || t('value.none')), cell(format.number(dispatched)), cell(format.number(returned)),
    element('td.number.with-bar', {}, rateBar(rate), rate === null ? '—' : format.rate(rate)));
  const wrong = rows.filter(({returned}) => returned).sort((a, b) => b.returned - a.returned || b.rate - a.rate);
  const right = rows.length - wrong.length;
  const rest = right ? [element('tr', {}, element('td.muted', {colSpan: 4}, t('sent_back.rest', {count: format.number(right)})))] : [];
  return frame(t('sent_back.by', {by}), [by, t('sent_back.dispatched'), t('sent_back.returned'), t('sent_back.rate')], [...wrong.map(line), ...rest]);
}

function calibration(bins, format) {
  if (!bins.length) return element('p.muted', {}, t('sent_back.no_promises'));
  const line = ({from, to, n, expected, observed}) => element('tr', {}, element('th', {scope: 'row'}, `${format.percent(from)} – ${format.percent(to)}`), cell(format.number(n)), cell(n ? format.rate(expected) : '—'),
    element('td.number.with-bar', {}, calibrationBar({expected, observed}), n ? format.rate(observed) : '—'));
  return frame(t('sent_back.calibration'), [t('sent_back.promised'), t('sent_back.n'), t('sent_back.expected'), t('sent_back.observed')], bins.map(line));
}
