/** Words of the interface: one flat dictionary per language; zh-CN first, en beside it. */
import {getJson} from './api.js';

const LANGUAGES = ['zh-CN', 'en'];
const KEPT = 'gis.language';
let language = LANGUAGES[0];
let words = {};

/** @returns {string} the language in use, as a BCP 47 tag */
export const currentLanguage = () => language;

/**
 * Load the words of the language kept in this browser, or of `?lang=`.
 * @param {string} [otherwise] the language when none is kept
 */
export async function loadWords(otherwise = LANGUAGES[0]) {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(KEPT);
  await useLanguage(LANGUAGES.includes(asked) ? asked : otherwise);
}

/** Switch to the next language and tell every panel by a `words` event on the document. */
export async function switchLanguage() {
  const next = LANGUAGES[(LANGUAGES.indexOf(language) + 1) % LANGUAGES.length];
  await useLanguage(next);
  localStorage.setItem(KEPT, next);
  document.dispatchEvent(new Event('words'));
}

async function useLanguage(name) {
  words = await getJson(`/static/i18n/${name}.json`);
  language = name;
  document.documentElement.lang = name;
  translatePage();
}

/**
 * Say a word of the dictionary; `{name}` in it is replaced by values.name.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function t(key, values = {}) {
  const pattern = words[key] ?? key;
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Say the word for a code of the data, such as a post or a class; the code itself when unknown. */
export const wordFor = (family, code) => words[`${family}.${code}`] ?? String(code);

/**
 * Say why the server refused: in the reader's words where it gave a code, else in its own.
 * @param {{code?: string, params?: Record<string, unknown>, message: string}} refusal
 */
export const reasonOf = ({code, params = {}, message}) => (code && hasWord(`refused.${code}`) ? t(`refused.${code}`, inLanguage(params)) : message);

/** What carries both titles says its English one in English: `move_en` stands for `move`. */
const inLanguage = params => Object.fromEntries(Object.entries(params).map(([name, value]) => [name, (language === 'en' && params[`${name}_en`]) || value]));

/** @returns {boolean} */
export const hasWord = key => key in words;

/** Pick the title of something that carries both, such as a layer or a figure. */
export function titleOf(thing, name = 'title') {
  const zh = thing[`${name}_zh`];
  const en = thing[`${name}_en`] ?? thing[name];
  return (language === 'zh-CN' ? zh ?? thing[name] : en ?? zh) ?? '';
}

function translatePage() {
  for (const node of document.querySelectorAll('[data-i18n]')) node.textContent = t(node.dataset.i18n);
  for (const node of document.querySelectorAll('[data-i18n-label]')) {
    const label = t(node.dataset.i18nLabel);
    node.setAttribute('aria-label', label);
    if (node.tagName === 'BUTTON') node.title = label;
  }
}
