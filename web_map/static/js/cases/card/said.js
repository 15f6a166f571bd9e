/** What became of a move, said under its buttons. */
import {signInLink} from '../../account.js';
import {t} from '../../i18n.js';

/** @param {{status: number, message: string}} error @returns {string} a refusal, in the reader's words as far as they are known */
export function refusalWords({status, message}) {
  if (status === 401) return t('moves.signed_out');
  return status === 403 ? t('moves.forbidden', {reason: message}) : message;
}

/** @param {HTMLElement} node @param {string} text '' for nothing @param {{kind: 'done' | 'failed', signIn: boolean}} how */
export function sayIn(node, text, {kind, signIn}) {
  node.hidden = !text;
  node.dataset.kind = kind;
  node.replaceChildren(text, ...(signIn ? [' ', signInLink(t('account.sign_in'))] : []));
}
