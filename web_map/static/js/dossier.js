/** The dossier of a grid: people, houses, things, events, organisations, and who holds which post. */
import {getJson} from './api.js';
import {dutyList} from './duties.js';
import {element} from './element.js';
import {hasWord, t, titleOf, wordFor} from './i18n.js';

/** @param {number} id of a grid @param {object} context what wall.js hands to every layer */
export function openDossier(id, context) {
  context.drawer.show({
    title: t('dossier.title'),
    fetch: async () => {
      const [dossier, {geometry}] = await Promise.all([getJson(`/dossier/${id}`), getJson(`/collections/grids/items/${id}`)]);
      context.pins.outline(geometry);
      return dossier;
    },
    closed: () => context.pins.clear(),
    render: dossier => ({
      title: dossier.grid.name,
      subtitle: `${wordFor('kind', dossier.grid.kind)} ${dossier.grid.code}`,
      body: [summary(dossier.grid, context), posts(dossier.duties), ...dossier.sections.map(part => section(part, context)), organisations(dossier.organisations ?? [])],
    }),
  });
}

function summary({area_m2: area, net, parent_code: parent}, {format}) {
  return element('dl.facts', {},
    fact(t('dossier.area'), format.area(area ?? 0)),
    fact(t('dossier.net'), wordFor('net', net)),
    parent ? fact(t('dossier.parent'), parent.slice(-6)) : null);
}

const fact = (label, value) => element('div.fact', {}, element('dt', {}, label), element('dd', {}, value));

function posts(duties) {
  return element('section.card-part', {}, element('h3', {}, t('dossier.posts')), dutyList(duties));
}

function section(part, context) {
  const count = element('span.count', {}, context.format.number(part.count));
  const figures = part.figures.map(({value, ...figure}) => fact(titleOf(figure, 'label'), context.format.number(value ?? 0)));
  return element('section.card-part', {},
    element('header.part-head', {}, element('h3', {}, titleOf(part)), count),
    figures.length ? element('dl.facts', {}, ...figures) : null,
    part.rows.length ? listOf(part, context) : null);
}

function listOf({rows, count, layer}, context) {
  const words = t('dossier.list', {shown: rows.length, count: context.format.number(count)});
  return element('details', {}, element('summary', {}, words),
    element('ul.rows', {}, ...rows.map(row => rowLine(row, layer, context))));
}

function rowLine({id, label, detail, lon, lat}, layer, context) {
  const go = () => {
    if (Number.isFinite(lon)) context.flyTo([lon, lat]);
    context.open(layer, id);
  };
  return element('li', {}, element('button.row', {type: 'button', onclick: go},
    element('span.ellipsis', {title: label}, label ?? '—'),
    element('span.muted.ellipsis', {title: detail ?? ''}, inWords(detail ?? ''))));
}

/** The server's details join values by dots; coded ones are said in words. */
function inWords(detail) {
  const families = ['stage', 'value.class', 'value.kind'];
  const said = part => families.map(family => `${family}.${part}`).find(hasWord);
  return detail.split(' · ').map(part => (said(part) ? t(said(part)) : part)).join(' · ');
}

function organisations(list) {
  const lines = list.map(({name, kind, phone}) => element('li.pair', {},
    element('span.ellipsis', {title: name}, name), element('span.muted', {}, phone || wordFor('value.kind', kind))));
  return element('section.card-part', {}, element('h3', {}, t('dossier.organisations')), element('ul.rows', {}, ...lines));
}
