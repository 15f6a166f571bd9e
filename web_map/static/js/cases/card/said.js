/** What became of a move, said under its buttons. */
import {signInLink} from '../../account.js';
import {t} from '../../i18n.js';

/** @param {HTMLElement} node @param {string} text '' for nothing @param {{kind: 'done' | 'failed', signIn: boolean}} how */
export function sayIn(node, text, {kind, signIn}) {
  node.hidden = !text;
  node.dataset.kind = kind;
  node.replaceChildren(text, ...(signIn ? [' ', signInLink(t('account.sign_in'))] : []));
}
