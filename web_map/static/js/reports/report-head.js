/** What a report is about, as of when, and the marks of its issue. */
import {ApiError, getJson} from '../api.js';
import {element} from '../element.js';
import {currentLanguage, reasonOf, t} from '../i18n.js';

const DAY_MS = 86400000;

/** @param {object} report properties @param {object} format @returns {string} such as 东坑镇 2026年11月 月报 */
export function titleOfReport(report, format) {
  if (currentLanguage() === 'zh-CN') return report.title;
  return [report.area_name ?? report.area, t(`report.kind.${report.kind === 'ledger' ? 'ledger' : report.period}`), periodOf(report, format)].join(' · ');
}

/** @returns {string} its first and last day */
export function periodOf({starts_at: from, ends_at: to}, format) {
  const [first, last] = [format.day(from), format.day(new Date(Date.parse(to) - 1))];
  return Date.parse(to) - Date.parse(from) <= DAY_MS ? first : `${first} – ${last}`;
}

/** The lines that stand at the top of the page and of every printed sheet. @param {object} report @param {object} format @returns {string[]} */
export function marksOf(report, format) {
  return [
    t('report.mark.period', {period: periodOf(report, format)}),
    t('report.mark.as_of', {time: format.stamp(report.as_of)}),
    t(report.issued_by ? 'report.mark.issued_by' : 'report.mark.issued', {time: format.stamp(report.issued_at), who: report.issued_by}),
    t('report.mark.sum', {sum: report.sha256.slice(0, 16)}),
  ];
}

/** A button that has the report counted again, and says whether it is still the same. @param {string} path of the report */
export function checkButton(path) {
  const says = element('span.check-result', {role: 'status'});
  const check = async () => {
    says.textContent = t('state.loading');
    try {
      const {same} = await getJson(`${path}/check`);
      says.textContent = t(same ? 'report.check.same' : 'report.check.other');
      says.dataset.same = same;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      says.textContent = t('state.failed', {reason: reasonOf(error)});
    }
  };
  return element('span.check', {}, element('button', {type: 'button', onclick: check}, t('report.check')), says);
}
