/** The filter in force as chips, each of which can be taken away. */
import {replaceKept} from '../cases/card/focus.js';
import {isWriting} from '../cases/filter-object.js';
import {element} from '../element.js';
import {t} from '../i18n.js';
import {filterWords} from './filter-words.js';

/** @param {HTMLElement} node @param {{filters: import('./filters.js').ListFilters, context: object}} parts */
export function showChips(node, {filters, context}) {
  const draw = () => {
    const chips = Object.entries(filters.filter).filter(([name]) => name !== 'last_case' && !isWriting(name)).map(([name, value]) => chip(filterWords(name, value, context), name, filters));
    const clear = chips.length ? element('button.plain.link', {type: 'button', data: {key: 'clear'}, onclick: () => filters.clear()}, t('filter.clear')) : null;
    replaceKept(node, ...chips, clear);
  };
  filters.addEventListener('change', draw);
  context.names.addEventListener('named', draw);
  document.addEventListener('words', draw);
  draw();
}

function chip(words, name, filters) {
  return element('button.chip', {type: 'button', title: words, 'aria-label': t('filter.remove', {what: words}), data: {key: `chip-${name}`, filter: name}, onclick: () => filters.set(name === 'as_of' ? {as_of: null, last_case: null} : {[name]: null})},
    element('span.ellipsis', {}, words), element('span', {'aria-hidden': 'true'}, '✕'));
}
