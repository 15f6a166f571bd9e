/** Cases at one place, which no zoom parts. */
import {getJson} from '../api.js';
import {element} from '../element.js';
import {t, wordFor} from '../i18n.js';
import {openCase} from './case-card.js';
import {entryOf} from './entry.js';
import {caseIcon} from './symbols.js';

const SHOWN = 100;

/** @param {string} path of the collection @param {string} bbox @param {Record<string, string>} query the filter in force @param {object} context */
export function openCaseList(path, bbox, query, context) {
  context.drawer.show({
    title: t('list.title'),
    fetch: () => getJson(`${path}/items`, {bbox, ...query, limit: SHOWN}),
    render: ({features, numberMatched}) => ({
      title: t('list.title'),
      subtitle: t('list.count', {count: `${context.format.number(numberMatched ?? features.length)}${numberMatched === undefined ? '+' : ''}`}),
      body: [element('ol.rows', {}, ...features.map(feature => line(entryOf(feature, context.names), path, context)))],
    }),
  });
}

function line(entry, path, context) {
  return element('li', {}, element('button.line', {type: 'button', onclick: () => openCase(path, entry.id, context)},
    caseIcon(entry),
    element('span.line-title.ellipsis', {title: entry.title}, entry.title),
    element('time.line-time.small', {dateTime: entry.at}, context.format.moment(entry.at)),
    element('span.line-place.muted.small.ellipsis', {}, `${wordFor('stage', entry.stage)} · ${entry.number}`)));
}
