/** Signing in: name and password to the server, then back to where one came from. */
import {whoIsHere} from './account.js';
import {ApiError, postJson} from './api.js';
import {renewEvents} from './events.js';
import {loadWords, switchLanguage, t} from './i18n.js';
import {listenToPassword} from './own-password.js';
import {switchTheme, useKeptTheme} from './theme.js';
import {wayBack} from './way-back.js';

const at = id => document.getElementById(id);
/** What the server answers a request that asks too often. */
const TOO_MANY = 429;
let refusal = null;

async function signIn(event) {
  event.preventDefault();
  const button = at('sign-in').querySelector('button');
  button.disabled = true;
  try {
    await postJson('/login', {username: at('username').value, password: at('password').value});
    renewEvents('/events');
    location.assign(wayBack(location.search, location.origin));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    refusal = error;
    drawRefusal();
    at('password').select();
  } finally {
    button.disabled = false;
  }
}

/** Why the server said no, in the reader's language. */
function reasonOf({status, member, message}) {
  if (status === TOO_MANY) return t('login.wait', {seconds: message.match(/\d+/)?.[0] ?? ''});
  if (status === 401) return t('login.wrong');
  if (member === 'account.demo') return t('login.demo');
  if (member === 'account.active') return t('login.disabled');
  return t('state.failed', {reason: message});
}

const drawRefusal = () => { at('refusal').textContent = refusal ? reasonOf(refusal) : ''; };

function listen(account) {
  const draw = () => {
    document.title = t('login.title');
    at('title').textContent = t('login.title');
    at('here').hidden = !account.account;
    at('own-password').hidden = !account.account;
    at('here').textContent = t('login.here', {name: account.title || account.account});
    drawRefusal();
  };
  document.addEventListener('words', draw);
  draw();
  at('password-form').elements.username.value = account.account ?? '';
  listenToPassword(at('password-form'), at('password-said'));
  if (account.account && location.hash === '#own-password') at('own-password').open = true;
}

async function start() {
  useKeptTheme();
  at('theme').addEventListener('click', switchTheme);
  at('language').addEventListener('click', switchLanguage);
  at('sign-in').addEventListener('submit', signIn);
  await loadWords();
  listen(await whoIsHere());
}

start();
