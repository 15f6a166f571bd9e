/** To whom a case may go: proposals with their chance and rule, and the nearest teams by street. */
import {element} from '../../element.js';
import {t, titleOf} from '../../i18n.js';
import {givingMove} from './move-model.js';

const KEYS = 5;

/**
 * @param {{proposals: object[], teams: object[]} | null} content
 * @param {import('../case-card.js').CaseCard} card
 * @returns {Node[]}
 */
export function proposalsOf(content, card) {
  if (!content) return [];
  const {proposals = [], teams = []} = content;
  const move = card.mayHandle ? givingMove(card.view?.moves ?? []) : undefined;
  if (!proposals.length && !teams.length) return [];
  return [
    proposals.length ? element('ol.rows.proposals', {}, ...proposals.map((proposal, index) => line(proposal, index, move, card))) : element('p.state', {}, t('proposals.none')),
    teams.length ? element('h4', {}, t('proposals.teams')) : null,
    teams.length ? element('ol.rows.teams', {}, ...teams.map(team => teamLine(team, card))) : null,
  ];
}

function line(proposal, index, move, card) {
  const {unit_name: unit, title, holder, probability} = proposal;
  const who = holder || title || unit;
  const why = [ruleOf(proposal), who === unit ? '' : unit].filter(Boolean).join(' · ');
  const content = [
    element('span.candidate-rank', {'aria-hidden': 'true'}, index + 1),
    element('span.ellipsis', {title: [who, title].join(' · ')}, who),
    element('span.score', {}, typeof probability === 'number' ? card.context.format.percent(probability) : ''),
    element('span.proposal-rule.small.muted.ellipsis', {title: why}, why),
  ];
  const key = index < KEYS ? String(index + 1) : null;
  return element('li', {}, move
    ? element('button.proposal', {type: 'button', 'aria-keyshortcuts': key, data: {key: `proposal-${index}`}, onclick: () => card.moves.give(proposal)}, ...content)
    : element('div.proposal', {}, ...content));
}

/** @param {{rule?: string, rule_zh?: string, rule_en?: string}} proposal @returns {string} by which rule it is proposed */
export const ruleOf = ({rule, rule_zh: zh, rule_en: english}) => titleOf({title_zh: zh ?? rule, title_en: english ?? rule});

function teamLine({unit, name, distance_m: metres}, card) {
  const distance = typeof metres === 'number' ? card.context.format.distance(metres) : '';
  return element('li.pair', {data: {unit}}, element('span.ellipsis', {title: name}, name), element('span.muted', {}, distance));
}
