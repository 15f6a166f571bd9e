/** One issued report: figures that lead to their rows, ready to be printed. */
import {getJson} from './api.js';
import {element, stateLine} from './element.js';
import {t} from './i18n.js';
import {startPage} from './page.js';
import {figuresView} from './reports/figures-view.js';
import {ledgerView} from './reports/ledger-view.js';
import {postTable} from './reports/post-table.js';
import {checkButton, marksOf, titleOfReport} from './reports/report-head.js';
import {frameOf} from './reports/report-model.js';
import {wrongDispatch} from './reports/wrong-dispatch.js';

const at = id => document.getElementById(id);
const path = `/collections/reports/items/${Number(location.pathname.split('/').at(-1))}`;

startPage(async context => {
  at('content').replaceChildren(stateLine('loading', t('state.loading')));
  const {properties: report} = await getJson(path);
  const draw = () => at('content').replaceChildren(head(report, context.format), sheets(report, context));
  context.name(() => titleOfReport(report, context.format));
  document.addEventListener('words', draw);
  draw();
});

function head(report, format) {
  return element('header.sheet-head.no-print', {}, element('p.muted', {}, marksOf(report, format).join(' · ')),
    element('p.report-acts', {}, element('button', {type: 'button', onclick: () => print()}, t('print')), element('a.link-button', {href: `${path}.xlsx`, download: ''}, t('cases.workbook')), checkButton(path), element('a', {href: '/reports'}, t('reports.all'))));
}

/** The head of a table stands on every printed page: it says what the sheet is, and as of when. */
function sheets(report, {town, format}) {
  const running = element('thead.running', {}, element('tr', {}, element('td', {}, element('p.running-title', {}, titleOfReport(report, format)), element('p.running-marks', {}, marksOf(report, format).join(' · ')))));
  return element('table.sheets', {role: 'presentation'}, running, element('tbody', {}, element('tr', {}, element('td.sheet-body', {}, ...bodyOf(report, {town, format})))));
}

function bodyOf(report, {town, format}) {
  if (report.kind === 'ledger') return ledgerView(report.content, format);
  const frame = frameOf(report, town.time_zone);
  return [...figuresView(report.content, frame, format), postTable(report.content.groups.post, frame, format), wrongDispatch(report, format)];
}
