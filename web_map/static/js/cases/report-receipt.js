/** What the reporter is told: the case's number, whose it is, whom to call, and who was told too. */
import {dutyList} from '../duties.js';
import {element} from '../element.js';
import {t, titleOf} from '../i18n.js';

/**
 * @param {object} stored the case as the server answered it
 * @param {{choices: object[], chosen: string, category: object}} known the grids that might answer, the reporter's choice, and what was reported
 * @param {() => void} again begins another report
 */
export function receipt({properties}, {choices, chosen, category}, again) {
  const {number, grid_code: code, candidates, duty} = properties;
  const name = choices.find(grid => grid.code === code)?.name ?? code ?? t('report.nobody');
  const told = (candidates ?? []).map(candidate => candidate.name).join('、');
  return element('section.receipt', {tabIndex: -1, role: 'status'},
    element('p.receipt-head', {}, t('report.done')),
    element('p.receipt-number', {}, number),
    element('p', {}, `${titleOf({title_zh: category.item, title_en: category.item_en})} · ${name}`),
    chosen && told ? element('p.receipt-told', {}, t('report.told', {names: told})) : null,
    duty ? dutyList([duty]) : null,
    element('button', {type: 'button', onclick: again}, t('report.again')));
}
