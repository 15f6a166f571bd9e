/** Pages of the API: what the server wrote can be read without this; it adds colours, language, copying and the map. */
import {currentLanguage, loadWords, switchLanguage, t} from './i18n.js';
import {switchTheme, useKeptTheme} from './theme.js';

const SAID_MS = 2000;
const at = id => document.getElementById(id);
const written = document.documentElement.lang;

/** Say titles that the data bring along in the language in use. */
function sayTitles() {
  const key = currentLanguage() === 'en' ? 'en' : 'zh';
  for (const node of document.querySelectorAll('[data-zh]')) node.textContent = node.dataset[key];
  nameTab();
}

function nameTab() {
  document.title = `${document.querySelector('h1').textContent.replace(/\s+/g, ' ').trim()} · ${t('browse.title')}`;
}

/** Copy the line of a button; where the browser has no clipboard, pick it out for the reader to copy. */
async function copy({currentTarget: button}) {
  const line = at(button.dataset.copy);
  const done = await copied(line);
  at('copied').textContent = t(done ? 'browse.copied' : 'browse.picked');
  const said = button.firstElementChild;
  said.textContent = t(done ? 'browse.copied' : 'browse.picked');
  setTimeout(() => { said.textContent = t('browse.copy'); }, SAID_MS);
}

async function copied(line) {
  getSelection().selectAllChildren(line);
  if (!navigator.clipboard) return false;
  try {
    await navigator.clipboard.writeText(line.textContent);
    return true;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return false;
  }
}

async function start() {
  useKeptTheme();
  document.documentElement.dataset.scripted = '';
  at('theme').addEventListener('click', switchTheme);
  at('language').addEventListener('click', switchLanguage);
  document.addEventListener('words', sayTitles);
  for (const button of document.querySelectorAll('[data-copy]')) button.addEventListener('click', copy);
  await loadWords(written);
  sayTitles();
  if (at('mapped')) await (await import('./browse-map.js')).drawMap(at('map'), JSON.parse(at('mapped').textContent));
}

start();
