/** Dispatch on the wall: `n` opens the oldest case that waits, `b` the list of all that wait. */
import {t} from '../../i18n.js';
import {Batch} from './batch.js';
import {openNext} from './next.js';
import {DispatchQueue} from './queue.js';

/**
 * @param {{panel: HTMLElement, button: HTMLElement}} nodes @param {string} path of the collection of cases
 * @param {{context: object, filters: import('../filters.js').Filters, chosen: (entry: object) => void}} parts
 */
export function startDispatch(nodes, path, {context, filters, chosen}) {
  const queue = new DispatchQueue(path, filters);
  const open = ({id, geometry}) => chosen({id, lonlat: geometry?.coordinates ?? null});
  const batch = new Batch(nodes, path, {context, queue, chosen: open});
  const next = () => openNext(queue, path, context);
  context.handled = (card, move) => {
    queue.touch();
    if (move.effect === 'assign') card.moves.say(t('dispatch.done', {who: card.words.answering()}), 'done');
  };
  return {queue, keys: {n: next, b: () => batch.toggle()}};
}
