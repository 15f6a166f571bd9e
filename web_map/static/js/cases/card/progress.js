/** How far a case is on its procedure: its steps as a slim line with the present one marked. */
import {element} from '../../element.js';
import {t, titleOf} from '../../i18n.js';

const titled = ({title, title_en: english}) => titleOf({title_zh: title, title_en: english});

/** @param {{procedure: {title: string, title_en: string, edition: number, steps: object[]}, step: string}} view what …/moves answers @returns {Node[]} */
export function progressOf({procedure, step}) {
  const present = procedure.steps.findIndex(({code}) => code === step);
  const steps = procedure.steps.map((one, index) => element('li.progress-step', {
    'aria-current': index === present ? 'step' : null,
    title: titled(one),
    data: {step: one.code, passed: index < present},
  }, element('span.progress-name', {}, titled(one))));
  return [
    element('p.progress-title.muted.small', {}, t('case.procedure', {title: titled(procedure), edition: procedure.edition})),
    element('ol.progress', {'aria-label': titled(procedure)}, ...steps),
  ];
}
