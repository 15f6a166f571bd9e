/** Who is signed in: the account's title and its way out, or the way in. */
import {ApiError, getJson} from './api.js';
import {element} from './element.js';
import {t} from './i18n.js';

const VISITOR = {account: null, title: '', roles: [], post: null, unit: null, areas: []};

/** @returns {Promise<{account: string | null, title: string, roles: string[], post: string | null, unit: string | null, areas: string[]}>} a visitor's when nobody is signed in */
export async function whoIsHere() {
  try {
    return {...VISITOR, ...await getJson('/account')};
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return VISITOR;
  }
}

/** @returns {string} the address of the sign-in page, which leads back here */
export const signInAddress = () => `/login?next=${encodeURIComponent(location.pathname + location.search)}`;

/** @param {string} words @returns {HTMLAnchorElement} */
export const signInLink = words => element('a.sign-in', {href: signInAddress(), onfocus: event => { event.currentTarget.href = signInAddress(); }, onpointerdown: event => { event.currentTarget.href = signInAddress(); }}, words);

/**
 * Show in the title bar who is signed in.
 * @param {HTMLElement} node
 * @param {Awaited<ReturnType<typeof whoIsHere>>} account
 */
export function showAccount(node, account) {
  const draw = () => {
    if (!account.account) { node.replaceChildren(signInLink(t('account.sign_in'))); return; }
    const name = account.title || account.account;
    node.replaceChildren(element('a.account-name.ellipsis', {href: '/login#own-password', title: `${name} · ${t('password.title')}`}, name),
      element('form', {method: 'post', action: '/logout', onsubmit: signOut}, element('button.icon-button', {type: 'submit'}, t('account.sign_out'))));
  };
  document.addEventListener('words', draw);
  draw();
}

/** The pages' policy lets no form go anywhere: the script asks, and begins anew as a visitor. */
async function signOut(event) {
  event.preventDefault();
  await fetch('/logout', {method: 'POST', headers: {accept: 'application/json'}});
  location.reload();
}
