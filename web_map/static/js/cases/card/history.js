/** What happened to a case: each step with who, from which unit, when, to whom, until when and why. */
import {element} from '../../element.js';
import {hasWord, t, wordFor} from '../../i18n.js';
import {pictures} from './photos.js';

/**
 * @param {object[]} steps oldest first
 * @param {import('../case-card.js').CaseCard} card
 * @returns {Node[]}
 */
export function historyOf(steps, card) {
  return steps.length ? [element('ol.steps', {}, ...steps.map(step => line(step, card)))] : [];
}

function line(step, card) {
  const {format} = card.context;
  const to = [step.post_to && card.words.nameOf(step.post_to), step.unit_to && card.words.nameOf(step.unit_to)].filter(Boolean);
  const notes = [
    step.reason && t('step.reason', {reason: step.reason}),
    step.due_at && t('step.due', {time: format.moment(step.due_at)}),
    ...proof(step.evidence ?? {}, card),
  ].filter(Boolean);
  return element('li.step', {data: {move: step.move ?? ''}},
    element('time.muted.small', {dateTime: step.at}, format.moment(step.at)),
    element('span.step-words', {}, stepWords(step, card), to.length && moved(step) ? element('span.step-to', {}, ` → ${to.join(' · ')}`) : null),
    element('span.muted.small.step-who', {}, whoOf(step, card) || t('step.nobody')),
    notes.length ? element('span.small.step-notes', {}, notes.join(' · ')) : null,
    step.evidence?.photos?.length ? pictures(step.evidence.photos) : null);
}

/** The person is told as the post; the account beside it when a dispatcher wrote for somebody. */
function whoOf({post, unit, unit_name: name, actor}, card) {
  const person = post ? card.words.nameOf(post) : '';
  const office = unit ? name || card.words.nameOf(unit) : '';
  const account = actor && card.words.account(actor);
  return [person, office, account && account !== person ? account : ''].filter(Boolean).join(' · ');
}

function stepWords(step, card) {
  const level = step.level ? card.words.level(step.level) : '';
  const known = card.words.move(step.move);
  const words = known || wordsWithout(step);
  return level && step.move && !['report', 'place'].includes(step.move) ? `${words}（${level}）` : words;
}

/** The words of a step that its procedure does not name: the report, a place, or a plain change of stage. */
function wordsWithout({move, stage_from: from, stage_to: to, evidence}) {
  if (move === 'place' || (!move && from === to)) return t(`step.placed.${evidence?.how ?? 'map'}`);
  if (move && hasWord(`step.move.${move}`)) return t(`step.move.${move}`);
  return from === to && move ? move : wordFor('stage', to);
}

const moved = ({move}) => move !== 'report' && move !== 'place';

function proof({address, note, minutes, proposal, refused_by: refused, rating, until}, {context: {format}, words}) {
  const rule = proposal?.rule && wordFor('rule', proposal.rule);
  const by = refused && [refused.post, refused.unit].filter(Boolean).map(code => words.nameOf(code)).join(' · ');
  return [address, note, minutes, by && t('step.refused_by', {by}), rating && t('case.stars', {rating}), until && t('step.until', {time: format.moment(until)}), rule && t(proposal.taken === false ? 'step.proposal_left' : 'step.proposal', {rule})].filter(Boolean);
}

/** @param {object[]} steps @returns {Map<string, string>} names of posts and units that the steps tell */
export function namesIn(steps) {
  const titles = steps.flatMap(step => [[step.post_to, step.post_to_title], [step.unit_to, step.unit_to_name], [step.unit, step.unit_name]]);
  // Who holds a post is known of those who acted; that says more than the post's title.
  const told = [...titles, ...steps.map(step => [step.post, step.post_holder || step.post_title])];
  return new Map(told.filter(([code, name]) => code && name));
}
