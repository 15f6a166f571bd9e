/** The form that narrows what the wall shows: each choice is taken at once. */
import {getJson} from '../api.js';
import {element} from '../element.js';
import {t, titleOf, wordFor} from '../i18n.js';
import {byClass} from './report-body.js';

const SOURCES = ['12345', 'grid_worker', 'patrol', 'snap', 'video_ai', 'sensor', 'public'];
const MOST = 1000;

/**
 * @param {string} path of the collection of cases @param {object} context @param {import('./filters.js').Filters} filters
 * @returns {Promise<HTMLElement>}
 */
export async function filterForm(path, context, filters) {
  const [villages, {categories}] = await Promise.all([villagesOf(), getJson(`${path}/categories`)]);
  const groups = byClass(categories).map(({items, ...group}) => element('optgroup', {label: titleOf({title_zh: group.class, title_en: group.class_en})},
    ...items.map(({code, item, item_en: english}) => option(code, titleOf({title_zh: item, title_en: english})))));
  return element('div.filter-fields', {},
    ...field('area', villages.map(({code, name}) => option(code, name)), filters),
    ...field('category', groups, filters),
    ...field('severity', [1, 2, 3, 4].map(value => option(String(value), wordFor('severity', value))), filters),
    ...field('stage', ['reported', 'accepted', 'handling', 'closed'].map(stage => option(stage, wordFor('stage', stage))), filters),
    ...field('source', SOURCES.map(source => option(source, wordFor('source', source))), filters),
    ...field('overdue', [option('true', t('value.yes')), option('false', t('value.no'))], filters));
}

async function villagesOf() {
  const {features} = await getJson('/collections/areas/items', {level: 3, limit: MOST});
  return features.map(({properties}) => properties).sort((a, b) => a.code.localeCompare(b.code));
}

const option = (value, words) => element('option', {value}, words);

function field(name, options, filters) {
  const id = `filter-${name}`;
  const select = element('select', {id, onchange: event => filters.set({[name]: event.target.value || null})}, option('', t('filter.any')), ...options);
  select.value = filters.filter[name] ?? '';
  return [element('label', {htmlFor: id}, t(`filter.${name}`)), select];
}
