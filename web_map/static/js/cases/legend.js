/** What the symbols of cases mean. */
import {wordFor, t} from '../i18n.js';
import {STAGES} from './shapes.js';
import {caseIcon} from './symbols.js';

/** @returns {{symbol: SVGElement, label: string}[]} */
export function caseLegend() {
  const stages = STAGES.map(stage => ({symbol: caseIcon({stage, severity: 4}), label: wordFor('stage', stage)}));
  const severities = [1, 2, 3, 4].map(severity => ({symbol: caseIcon({stage: 'closed', severity}), label: t(`severity_short.${severity}`)}));
  return [...stages, ...severities, {symbol: caseIcon({stage: 'closed', severity: 4, overdue: true}), label: t('case.overdue')}];
}
