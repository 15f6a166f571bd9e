/** Changing one's own password, on the sign-in page of who is signed in. */
import {ApiError, postJson} from './api.js';
import {renewEvents} from './events.js';
import {reasonOf, t} from './i18n.js';

/** @param {HTMLFormElement} form with the fields old, new and again @param {HTMLElement} said what became of it */
export function listenToPassword(form, said) {
  let told = () => '';
  const draw = () => { said.textContent = told(); };
  const tell = (kind, words) => { said.dataset.kind = kind; told = words; draw(); };
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const {old, new: fresh, again} = form.elements;
    if (fresh.value !== again.value) { tell('failed', () => t('password.differs')); again.select(); return; }
    const button = form.querySelector('button');
    button.disabled = true;
    try {
      await postJson('/account/password', {old: old.value, new: fresh.value});
      form.reset();
      renewEvents('/events');
      tell('done', () => t('password.changed'));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      tell('failed', () => reasonOf(error));
      (form.elements[error.member] ?? old).select();
    }
    button.disabled = false;
  });
  document.addEventListener('words', draw);
}
