/** One procedure: its diagram, the same as tables, and its editions. */
import {getJson} from './api.js';
import {element, stateLine} from './element.js';
import {t} from './i18n.js';
import {startPage} from './page.js';
import {readDefinition} from './procedures/definition.js';
import {drawProcedure} from './procedures/draw.js';
import {levelTable, moveTable, stepTable} from './procedures/tables.js';
import {comma, levelLines, limitWords, nameOf} from './procedures/words.js';

const at = id => document.getElementById(id);
const code = decodeURIComponent(location.pathname.split('/').at(-1));
const asked = Number(new URLSearchParams(location.search).get('edition'));

startPage(async context => {
  at('content').replaceChildren(stateLine('loading', t('state.loading')));
  const {features} = await getJson('/collections/procedures/items', {code, limit: 100});
  const editions = features.map(({properties}) => properties).sort((a, b) => b.edition - a.edition);
  const shown = editions.find(({edition}) => edition === asked) ?? editions[0];
  const draw = () => at('content').replaceChildren(...(shown ? contentOf(shown, editions, context) : [unknown()]));
  if (shown) context.name(() => nameOf(shown));
  document.addEventListener('words', draw);
  draw();
});

const back = () => element('a.no-print', {href: '/procedures'}, t('procedures.all'));
const unknown = () => element('div', {}, stateLine('empty', t('procedure.unknown', {code})), back());

function contentOf(shown, editions, {format}) {
  const procedure = readDefinition(shown.definition);
  return [head(shown, editions, format), legend(procedure), diagram(procedure, shown),
    stepTable(procedure.steps), moveTable(procedure), ...(procedure.levels.length ? [levelTable(procedure.levels)] : [])];
}

function head(shown, editions, format) {
  const [from] = shown.valid ?? [];
  const facts = [t('procedure.edition', {edition: shown.edition}), from && t('procedure.since', {date: format.day(from)}), shown.definition.separate && t('procedure.separate')].filter(Boolean);
  const others = editions.filter(({edition}) => edition !== shown.edition).map(({edition}) => element('a', {href: `?edition=${edition}`}, t('procedure.edition', {edition})));
  return element('header.sheet-head', {}, element('h2.print-title', {}, nameOf(shown)), element('p.muted', {}, facts.join(' · ')),
    element('span.no-print.editions', {}, ...others, back(), element('button', {type: 'button', onclick: () => print()}, t('print'))));
}

function diagram(procedure, shown) {
  const words = {title: t('procedure.diagram', {title: nameOf(shown)}), step: nameOf, move: nameOf, limit: limitWords, level: levelLines, between: comma()};
  return element('figure.diagram-frame', {tabIndex: 0, role: 'region', 'aria-label': words.title}, drawProcedure(procedure, words));
}

function legend({steps, levels}) {
  const stages = [...new Set(steps.map(({stage}) => stage))].map(stage => element(`span.legend-stage.stage-${stage}`, {}, t(`stage.${stage}`)));
  const ways = ['on', 'back', ...(levels.length ? ['level'] : [])].map(way => element(`span.legend-way.${way}`, {}, t(`procedure.way.${way}`)));
  return element('p.diagram-legend.small', {}, ...stages, ...ways);
}
