/** Search by name, code or address: a combobox over /search. */
import {getJson} from './api.js';
import {element} from './element.js';
import {reasonOf, t, titleOf} from './i18n.js';

const WAIT_MS = 180;
const RESULTS = 8;

/**
 * @param {HTMLElement} node
 * @param {Map<string, object>} collections by id, for their titles
 * @param {(result: object) => void} choose
 * @returns {{focus: () => void}}
 */
export function showSearch(node, collections, choose) {
  const state = {results: [], active: -1, asked: 0, hurry: false};
  const list = element('ul.search-list', {id: 'search-list', role: 'listbox', hidden: true});
  const input = element('input.search-input', {type: 'search', id: 'search-input', autocomplete: 'off', spellcheck: false, role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'search-list', 'aria-autocomplete': 'list', 'aria-keyshortcuts': '/'});
  const pick = index => { close(); input.blur(); choose(state.results[index]); };
  const close = () => { list.hidden = true; input.setAttribute('aria-expanded', 'false'); };
  const words = () => { input.placeholder = t('search.placeholder'); input.setAttribute('aria-label', t('search.label')); };

  const render = empty => {
    const options = state.results.map((result, index) => optionOf(result, index, index === state.active, collections, pick));
    list.replaceChildren(...options, ...(empty ? [element('li.state', {}, empty)] : []));
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    input.setAttribute('aria-activedescendant', state.active >= 0 ? `search-${state.active}` : '');
  };

  const ask = async () => {
    const q = input.value.trim();
    const asked = (state.asked += 1);
    if (!q) { close(); return; }
    try {
      const {results} = await getJson('/search', {q, limit: RESULTS});
      if (asked !== state.asked) return;
      Object.assign(state, {results, active: results.length ? 0 : -1});
      if (state.hurry && results.length) pick(0);
      else render(results.length ? '' : t('search.empty', {q}));
    } catch (error) {
      Object.assign(state, {results: [], active: -1});
      render(t('state.failed', {reason: reasonOf(error)}));
    }
  };

  let timer;
  input.addEventListener('input', () => { Object.assign(state, {hurry: false, active: -1}); close(); clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
  input.addEventListener('keydown', event => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step && state.results.length) {
      state.active = (state.active + step + state.results.length) % state.results.length;
      render();
      event.preventDefault();
    } else if (event.key === 'Enter') {
      if (!list.hidden && state.active >= 0) pick(state.active);
      else state.hurry = true;
    }
    else if (event.key === 'Escape') { close(); input.blur(); }
  });
  input.addEventListener('blur', () => setTimeout(close, 150));
  document.addEventListener('words', words);
  words();
  node.append(input, list);
  return {focus: () => input.select()};
}

function optionOf({layer, label, detail}, index, active, collections, pick) {
  const kind = collections.has(layer) ? titleOf(collections.get(layer)) : layer;
  return element('li.search-option', {id: `search-${index}`, role: 'option', 'aria-selected': String(active), onmousedown: () => pick(index)},
    element('span.ellipsis', {title: label}, label), element('span.muted.small.ellipsis', {title: detail ?? ''}, detail ?? ''), element('span.kind.small', {}, kind));
}
