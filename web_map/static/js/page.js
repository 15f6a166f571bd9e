/** What every page beside the maps begins with: theme, words, the town, and what to say when it fails. */
import {ApiError, getJson} from './api.js';
import {stateLine} from './element.js';
import {makeFormat} from './format.js';
import {currentLanguage, loadWords, reasonOf, switchLanguage, t, titleOf} from './i18n.js';
import {switchTheme, useKeptTheme} from './theme.js';

const at = id => document.getElementById(id);

/**
 * @typedef {object} PageContext
 * @property {object} town as /town tells it
 * @property {ReturnType<typeof makeFormat>} format in the language in use and the town's zone
 * @property {(tell: () => string) => void} name say what the page is about, in the language in use
 */

/** @param {(context: PageContext) => Promise<void> | void} begin */
export async function startPage(begin) {
  useKeptTheme();
  at('theme').addEventListener('click', switchTheme);
  at('language').addEventListener('click', switchLanguage);
  try {
    await loadWords();
    const context = contextOf(await getJson('/town'));
    at('synthetic').hidden = !context.town.synthetic;
    await begin(context);
  } catch (error) {
    showFailure(at('content'), error, () => location.reload());
    if (!(error instanceof ApiError)) throw error;
  }
}

/** @param {Element} node @param {Error} error @param {() => void} retry */
export function showFailure(node, error, retry) {
  node.replaceChildren(stateLine('failed', t('state.failed', {reason: reasonOf(error)}), {label: t('state.retry'), act: retry}));
}

function contextOf(town) {
  const formats = new Map();
  let subject = () => t(document.body.dataset.title);
  const write = () => {
    at('title').textContent = subject();
    document.title = `${subject()} · ${titleOf(town)}`;
  };
  document.addEventListener('words', write);
  write();
  return {
    town,
    get format() {
      const language = currentLanguage();
      if (!formats.has(language)) formats.set(language, makeFormat({language, timeZone: town.time_zone}));
      return formats.get(language);
    },
    name: tell => { subject = tell; write(); },
  };
}
