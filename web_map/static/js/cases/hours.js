/** The last 24 hours: a bar per hour. */
import {getJson} from '../api.js';
import {element, stateLine} from '../element.js';
import {reasonOf, t} from '../i18n.js';
import {placeOf} from './filter-object.js';

const EVERY_MS = 30000;

/**
 * Show the hours; the strip stays away when the server does not count them.
 * @param {HTMLElement} node @param {string} path @param {object} context @param {import('./filters.js').Filters} filters
 */
export function showHours(node, path, context, filters) {
  let hours = null;
  const render = () => { if (hours) draw(node, hours, context.format); };
  const refresh = async () => {
    try {
      ({hours} = await getJson(`${path}/hours`, placeOf(filters.filter)));
      render();
    } catch (error) {
      if (error.status === undefined) throw error;
      if (hours === null) node.replaceChildren(stateLine('failed', t('state.failed', {reason: reasonOf(error)}), {label: t('state.retry'), act: refresh}));
    }
  };
  document.addEventListener('words', render);
  filters.addEventListener('change', () => refresh());
  setInterval(() => { if (!document.hidden) refresh(); }, EVERY_MS);
  refresh();
  return refresh;
}

function draw(node, hours, format) {
  const most = Math.max(1, ...hours.map(({count}) => count));
  const total = hours.reduce((sum, {count}) => sum + count, 0);
  const head = element('p.hours-head', {}, element('strong', {}, t('hours.title')), element('span.muted.small', {}, t('hours.total', {count: format.number(total)})));
  node.replaceChildren(head, element('ol.hours-bars', {}, ...hours.map((hour, index) => bar(hour, most, index === hours.length - 1, format))));
}

function bar({at, count}, most, present, format) {
  const words = t('hours.bar', {time: format.minutes(at), count: format.number(count)});
  const fill = element('span.hours-fill', {});
  fill.style.height = `${100 * count / most}%`;
  return element('li.hours-bar', {title: words, data: {present}},
    element('span.hours-track', {}, fill),
    element('span.hours-label', {'aria-hidden': 'true'}, format.minutes(at).slice(0, 2)),
    element('span.visually-hidden', {}, words));
}
