/** The card of any feature: its properties under the titles that /collections gives. */
import {getJson} from './api.js';
import {element} from './element.js';
import {currentLanguage, hasWord, t, titleOf} from './i18n.js';

/**
 * @param {object} collection as /collections describes it
 * @param {number} id
 * @param {object} context
 */
export function openFeature(collection, id, context) {
  context.drawer.show({
    title: titleOf(collection),
    fetch: () => getJson(`/collections/${collection.id}/items/${id}`),
    render: ({properties}) => ({
      title: String(properties[collection.label] ?? properties.address ?? properties.code ?? titleOf(collection)),
      subtitle: titleOf(collection),
      body: [facts(collection, properties, context.format)],
    }),
  });
}

function facts(collection, properties, format) {
  const given = collection.properties.filter(({name}) => !isEmpty(properties[name]));
  return element('dl.properties', {}, ...given.flatMap(property => [
    element('dt', {}, titled(property)),
    element('dd', {}, said(collection, property, properties[property.name], format)),
  ]));
}

/** The schema names its columns in Chinese; in English the column's own name is plain enough. */
const titled = ({name, title, title_zh: zh}) => (currentLanguage() === 'zh-CN' ? zh ?? name : title ?? name.replaceAll('_', ' '));

const isEmpty = value => value === null || value === undefined || value === '';

/** A value in words: a legend's label for a coded one, yes or no, a grouped number, or as it is. */
function said(collection, {name}, value, format) {
  const symbol = collection.by === name && collection.legend.find(line => String(line.value) === String(value));
  if (symbol) return titleOf(symbol, 'label');
  if (hasWord(`value.${name}.${value}`)) return t(`value.${name}.${value}`);
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no');
  if (typeof value === 'number') return /(^|_)(year|id|code)$/.test(name) ? String(value) : format.number(value);
  if (typeof value === 'object') return structured(value);
  return /_at$/.test(name) ? format.moment(value) : String(value);
}

const separator = () => (currentLanguage() === 'zh-CN' ? '；' : '; ');
const structured = value => Object.entries(value).map(([key, part]) => `${key}: ${part}`).join(separator());
