/** Keys of an open card: digits take a candidate or a proposal, Enter and a move's own key make the move. */
import {dispatchMove} from './move-model.js';
import {placeAt} from './placing.js';

/** What the wall itself answers; a move of the same key is made while the focus is in the card. */
const OF_THE_WALL = new Set(['b', 'f', 'l', 'm', 'n', 't', 'w']);
const isTyping = target => target.matches('input:not([type="checkbox"], [type="radio"]), textarea, select');
const isControl = target => target.matches('a, button, summary, input, select, textarea, [role="option"]');

/** Hear a key before the wall does, while the reader is in the card, on the map or nowhere. */
export function cardKey(event, card) {
  const {target, key} = event;
  const inCard = card.context.drawer.node.contains(target);
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !card.mayHandle || !card.feature) return;
  if (isTyping(target) || target.closest?.('.move-form') || card.context.placeMode?.active) return;
  if (!inCard && target !== document.body && !target.closest('#map')) return;
  if (!inCard && OF_THE_WALL.has(key)) return;
  if (!act(key, target, card)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function act(key, target, card) {
  const isUnplaced = !card.feature.geometry && card.feature.properties.stage !== 'closed';
  if (/^[1-5]$/.test(key)) return isUnplaced ? placeAt(card, Number(key)) : take(card, Number(key));
  if (key === 'Enter') return !isControl(target) && !target.closest('#map') && dispatch(card);
  return key.length === 1 && card.moves.press(key);
}

function take(card, rank) {
  const proposal = card.proposals[rank - 1];
  if (proposal) card.moves.give(proposal);
  return Boolean(proposal);
}

function dispatch(card) {
  const move = dispatchMove(card.moves.all);
  if (move?.allowed) card.moves.begin(move);
  return Boolean(move?.allowed);
}
