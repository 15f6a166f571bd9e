/** The answer of /locate in words: whose ground it is, whom to call, and what to choose at a border. */
import {choicesOf} from './border.js';
import {percents} from './chances.js';
import {dutyList} from './duties.js';
import {element} from './element.js';
import {t, wordFor} from './i18n.js';

/**
 * @param {object} answer of /locate
 * @param {{chosen: string, choose: (code: string) => void, form: HTMLElement}} parts code of the grid that the reader
 *   chose, or ''; what to do with a choice; where to report
 * @returns {Node[]}
 */
export function answerNodes(answer, {chosen, choose, form}) {
  const choices = choicesOf(answer);
  if (!choices.length) return [element('p.team', {}, t('where.outside'))];
  const shown = choices.find(({code}) => code === chosen) ?? choices[0];
  const border = choices.length > 1 ? [borderChoice(choices, chosen, choose)] : [];
  return [...border, team(shown, answer.areas), form, contacts(shown), levels(answer, shown)].filter(Boolean);
}

function borderChoice(choices, chosen, choose) {
  const chances = percents(choices.map(({chance}) => chance ?? 1));
  const buttons = choices.map(({code, name}, index) =>
    element('button.choice', {type: 'button', 'aria-pressed': String(code === chosen), data: {code}, onclick: () => choose(code)},
      element('span.choice-name', {}, name),
      element('span.choice-act', {}, t(code === chosen ? 'where.chosen' : 'where.choose')),
      element('span.choice-chance', {}, `${chances[index]}%`)));
  return element('section.choices', {}, element('h2', {}, t('where.border')), ...buttons, element('p.muted.small', {}, t('where.only_here')));
}

function team({name, code, kind}, areas) {
  const village = areas.length ? areas[areas.length - 1].name : '';
  return element('section.team', {}, element('p.muted', {}, t('where.sure')),
    element('h2.team-name', {}, name),
    element('p.team-code', {}, [wordFor('kind', kind), code, village].filter(Boolean).join(' · ')));
}

const contacts = ({duties}) =>
  element('section.card-part', {}, element('h3', {}, t('where.contacts')), dutyList(duties));

/** The other grids of the place: coarser levels and other nets, each with its posts behind a fold. */
function levels({grids}, shown) {
  const others = grids.filter(({code}) => code !== shown.code);
  if (!others.length) return null;
  return element('section.card-part', {}, element('h3', {}, t('where.all')), ...others.map(grid =>
    element('details', {}, element('summary', {}, `${wordFor('net', grid.net)} · ${grid.name}`), dutyList(grid.duties))));
}
