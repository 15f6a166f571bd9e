/** What became of a move, said under its buttons. */
import {signInLink} from '../../account.js';
import {reasonOf, t} from '../../i18n.js';

/** @param {{status: number, message: string, code?: string}} error @returns {string} a refusal, in the reader's words as far as they are known */
export function refusalWords(error) {
  if (error.status === 401) return t('moves.signed_out');
  return error.status === 403 ? t('moves.forbidden', {reason: reasonOf(error)}) : reasonOf(error);
}

/** @param {HTMLElement} node @param {string} text '' for nothing @param {{kind: 'done' | 'failed', signIn: boolean}} how */
export function sayIn(node, text, {kind, signIn}) {
  node.hidden = !text;
  node.dataset.kind = kind;
  node.replaceChildren(text, ...(signIn ? [' ', signInLink(t('account.sign_in'))] : []));
}
