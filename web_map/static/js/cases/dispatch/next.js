/** The next case to dispatch, by one key. */
import {ApiError} from '../../api.js';
import {reasonOf, t} from '../../i18n.js';
import {openCase} from '../case-card.js';
import {nextOf} from './waiting.js';

/**
 * Open the oldest case that waits, or the one after the case at hand.
 * @param {import('./queue.js').DispatchQueue} queue @param {string} path @param {object} context
 */
export async function openNext(queue, path, context) {
  try {
    const next = nextOf(await queue.list(), context.card?.id ?? null);
    if (!next) { context.notices.say(t('dispatch.none')); return; }
    if (next.geometry) context.flyTo(next.geometry.coordinates);
    openCase(path, next.id, context);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    context.notices.failed('next', t('state.failed', {reason: reasonOf(error)}), () => openNext(queue, path, context));
  }
}
