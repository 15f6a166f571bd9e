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

/** Our columns have Chinese names; in English their own is plain enough. A file's stays as it is. */
const titled = ({name, title, title_zh: zh}) => (currentLanguage() === 'zh-CN' ? zh ?? name : title ?? (zh ? name.replaceAll('_', ' ') : name));

const isEmpty = value => value === null || value === undefined || value === '';

/** A value in words: a legend's label for a coded one, yes or no, a grouped number, or as it is. */
function said(collection, {name, type}, value, format) {
  const symbol = collection.by === name && collection.legend.find(line => String(line.value) === String(value));
  if (symbol) return titleOf(symbol, 'label');
  if (hasWord(`value.${name}.${value}`)) return t(`value.${name}.${value}`);
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no');
  if (typeof value === 'number') return /(^|_)(year|id|code)$/.test(name) ? String(value) : format.number(value);
  if (typeof value === 'object') return structured(value);
  return type === 'date-time' ? format.stamp(value) : String(value);
}

const separator = () => (currentLanguage() === 'zh-CN' ? '；' : '; ');
const plain = part => (part !== null && typeof part === 'object' ? JSON.stringify(part) : String(part));
const structured = value => (Array.isArray(value) ? value.map(plain) : Object.entries(value).map(([key, part]) => `${key}: ${plain(part)}`)).join(separator());
