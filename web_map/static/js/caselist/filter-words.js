/** A member of the filter in words. */
import {hasWord, t, titleOf, wordFor} from '../i18n.js';
import {isDay, shownDay} from './days.js';

const FAMILIES = new Set(['stage', 'severity', 'source', 'figure']);

/**
 * @param {string} name @param {string} value
 * @param {{names: import('./names.js').ListNames, town: {time_zone: string}, format: object}} context
 * @returns {string} such as “环节：处置中”
 */
export function filterWords(name, value, context) {
  if (name === 'bbox') return t('filter.bbox');
  const words = name === 'filter' ? value : value.split(',').map(one => valueWords(name, one, context)).join('、');
  return value === 'true' && hasWord(`filter.${name}.yes`) ? t(`filter.${name}.yes`) : t('filter.pair', {name: wordFor('filter', name), value: words});
}

function valueWords(name, value, context) {
  const {names} = context;
  const known = {
    area: code => names.area(code), grid_code: code => names.grid(code), category: code => names.category(code),
    class: code => className(code, names), unit: code => names.unit(code), post: code => names.post(code),
    procedure: code => names.procedure(code), step: code => titleIn('steps', code, names), level: code => titleIn('levels', code, names),
    ...Object.fromEntries(['from', 'to', 'since', 'as_of'].map(side => [side, at => moment(side, at, context)])),
  };
  if (FAMILIES.has(name)) return wordFor(name, value);
  if (value === 'none') return t('value.none');
  if (value === 'true' || value === 'false') return t(value === 'true' ? 'value.yes' : 'value.no');
  return known[name]?.(value) ?? value;
}

/** A day as it is, the end of a period as its last day, and any other moment with its time. */
function moment(side, at, {town, format}) {
  if (Number.isNaN(Date.parse(at))) return at;
  return isDay(at) ? shownDay(side, at, town.time_zone) : format.moment(at);
}

const className = (code, {categories}) => {
  const known = categories.find(category => category.class_code === code);
  return known ? titleOf({title_zh: known.class, title_en: known.class_en}) : code;
};

/** The title of a step or level, whichever procedure has it. */
function titleIn(list, code, {procedures}) {
  const found = procedures.flatMap(({definition}) => definition[list]).find(one => one.code === code);
  return found ? titleOf({title_zh: found.title, title_en: found.title_en}) : code;
}
