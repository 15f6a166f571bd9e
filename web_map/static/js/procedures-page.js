/** The list of procedures with their editions. */
import {getJson} from './api.js';
import {element, stateLine} from './element.js';
import {t} from './i18n.js';
import {startPage} from './page.js';
import {table} from './procedures/tables.js';
import {comma, nameOf} from './procedures/words.js';

const at = id => document.getElementById(id);

startPage(async context => {
  at('content').replaceChildren(stateLine('loading', t('state.loading')));
  const {features} = await getJson('/collections/procedures/items', {limit: 1000});
  const draw = () => at('content').replaceChildren(element('p.lead', {}, t('procedures.lead')), listOf(features.map(({properties}) => properties), context));
  document.addEventListener('words', draw);
  draw();
});

function listOf(editions, {format}) {
  if (!editions.length) return stateLine('empty', t('procedures.none'));
  const byCode = new Map();
  for (const one of [...editions].sort((a, b) => b.edition - a.edition)) byCode.set(one.code, [...(byCode.get(one.code) ?? []), one]);
  const rows = [...byCode.values()].sort(([a], [b]) => a.code.localeCompare(b.code)).map(same => lineOf(same, format));
  const heads = ['procedures.procedure', 'procedure.steps', 'procedure.levels', 'procedures.editions'].map(key => t(key));
  return table(t('procedures.title'), heads, rows);
}

function lineOf([present, ...former], format) {
  const {definition: {steps, levels = []}, code} = present;
  const editions = [present, ...former].map(({edition, valid}) => element('li', {}, element('a', {href: `/procedures/${code}?edition=${edition}`}, t('procedure.edition', {edition})),
    valid?.[0] ? element('span.muted.small', {}, ` ${t('procedure.since', {date: format.day(valid[0])})}`) : null));
  return [element('a', {href: `/procedures/${code}`}, nameOf(present)), steps.map(nameOf).join(' → '), levels.map(nameOf).join(comma()) || '—', element('ul', {}, ...editions)];
}
