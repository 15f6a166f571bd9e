/** The menu of every page: a button that opens a list of links; Esc and a click elsewhere close it. */
import {showAccount, whoIsHere} from './account.js';

const button = document.getElementById('menu');
const account = document.getElementById('menu-account');
const list = document.getElementById('menu-list');
const isHere = link => link.pathname !== '/' && `${location.pathname}/`.startsWith(`${link.pathname}/`);
const links = () => [...list.querySelectorAll('a')];

function show(open) {
  list.hidden = !open;
  button.setAttribute('aria-expanded', String(open));
  if (open) (links().find(isHere) ?? links()[0]).focus();
  if (open && account.hidden) nameAccount();
}

/** Who is signed in, on pages whose bar does not say so. */
async function nameAccount() {
  if (document.getElementById('account')?.offsetParent) return;
  showAccount(account, await whoIsHere());
  account.hidden = false;
}

function key(event) {
  if (event.key === 'Escape' && !list.hidden) {
    show(false);
    button.focus();
    event.stopPropagation();
  }
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (!step || list.hidden) return;
  const all = links();
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  event.preventDefault();
}

for (const link of links()) if (isHere(link)) link.setAttribute('aria-current', 'page');
button.addEventListener('click', () => show(list.hidden));
button.parentElement.addEventListener('keydown', key);
button.parentElement.addEventListener('focusout', ({relatedTarget}) => {
  if (!button.parentElement.contains(relatedTarget)) show(false);
});
