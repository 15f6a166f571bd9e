/** The head of a case: its state, who must act, how much time is left, and what is known of it. */
import {element} from '../../element.js';
import {t, wordFor} from '../../i18n.js';
import {entryOf} from '../entry.js';
import {caseIcon} from '../symbols.js';
import {limitOf, spanOf} from './due.js';
import {unmerge} from './nearby.js';

/** @param {import('../case-card.js').CaseCard} card @returns {Node[]} */
export function headOf(card) {
  return [headline(card), answering(card), merged(card)].filter(Boolean);
}

function headline({feature, context: {format, names}, words}) {
  const {properties} = feature;
  const entry = entryOf(feature, names);
  const badge = (shown, kind, text) => (shown ? element(`span.badge.${kind}`, {}, text) : null);
  return element('p.case-head', {}, caseIcon(entry), element('span', {}, wordFor('stage', entry.stage)),
    badge(entry.overdue, 'late', t('case.overdue')),
    badge(properties.level, 'level', words.level(properties.level)),
    badge(properties.supervised, 'late', t('case.supervised')),
    badge(properties.asked_until, 'asked', t('case.delay_asked')),
    element('span.muted', {}, wordFor('severity', entry.severity)), element('time.muted', {dateTime: entry.at}, format.moment(entry.at)));
}

function answering(card) {
  const {unit, post, helpers} = card.feature.properties;
  const who = card.words.answering();
  const others = (helpers ?? []).map(code => card.words.nameOf(code)).join('、');
  return element('dl.answering', {},
    element('dt', {}, t('case.answers')), element('dd', {data: {answers: post ?? unit ?? ''}}, who || t('case.nobody')),
    ...(others ? [element('dt', {}, t('case.helpers')), element('dd', {}, others)] : []),
    ...dueLine('case.due', card.feature.properties, card.context.format),
    ...stepDue(card));
}

function stepDue({feature: {properties}, context: {format}}) {
  const {step_due_at: at, due_at: whole, closed_at: closed} = properties;
  return at && at !== whole && !closed ? dueLine('case.step_due', {...properties, due_at: at}, format) : [];
}

/** @returns {Node[]} the moment of a limit with what is left of it, or nothing without one */
function dueLine(label, properties, format) {
  const limit = limitOf(properties, Date.now());
  if (!limit) return [];
  const words = t(`case.limit.${limit.state}`, {span: format.span(spanOf(limit.ms))});
  return [element('dt', {}, t(label)), element('dd.due', {data: {limit: limit.state}},
    element('time', {dateTime: properties.due_at}, format.moment(properties.due_at)), ' ', element('span.due-left', {}, words))];
}

function merged(card) {
  const {duplicate_of: into} = card.feature.properties;
  if (!into) return null;
  return element('p.merged', {}, t('merge.merged'), ' ',
    element('button.plain.link', {type: 'button', data: {key: 'merged-into'}, onclick: () => card.openOther(into)}, t('merge.open')), ' ',
    card.mayHandle ? element('button', {type: 'button', data: {key: 'unmerge'}, onclick: () => unmerge(card)}, t('merge.undo')) : null);
}

/** @param {import('../case-card.js').CaseCard} card @returns {Node} what is known of the case, as pairs */
export function factsOf({feature: {id, properties, geometry}, context, words}) {
  const {format, names} = context;
  const rows = [
    ['case.description', properties.description],
    ['case.address', properties.address],
    ['case.grid', names.grid(properties.grid_code)],
    ['case.confidence', properties.grid_code && typeof properties.confidence === 'number' && format.percent(properties.confidence)],
    ['case.source', properties.source && wordFor('source', properties.source)],
    ['case.external', properties.external_id],
    ['case.reporter', properties.reporter && words.nameOf(properties.reporter)],
    ['case.placed_by', properties.placed_by && wordFor('placed', properties.placed_by)],
    ['case.rating', properties.rating && t('case.stars', {rating: properties.rating})],
  ].filter(([, value]) => value);
  const show = geometry && context.flyTo ? element('button', {type: 'button', data: {key: 'show'}, onclick: () => context.flyTo(geometry.coordinates)}, t('case.show')) : wallLink(id);
  return element('div.case-facts', {}, element('dl.properties', {}, ...rows.flatMap(([label, value]) => [element('dt', {}, t(label)), element('dd', {}, value)])), show);
}

/** Where there is no map: the same case on the wall's. */
const wallLink = id => element('a.link-button', {href: `/wall#case-${id}`, data: {key: 'wall'}}, t('case.on_wall'));
