/** The grids in which a case may lie when its position is not sure, and whether the reporter chose among them. */
import {element} from '../../element.js';
import {t} from '../../i18n.js';

/** @param {import('../case-card.js').CaseCard} card @returns {Node | null} */
export function borderOf({feature, context: {format, names}, steps}) {
  const {grid_code: own, confidence, candidates} = feature.properties;
  const others = (candidates ?? []).filter(({lon}) => lon === undefined);
  if (!feature.geometry || !others.length) return null;
  const chosen = steps.some(({evidence}) => evidence?.grid_chosen === own);
  const line = (name, chance, badge) => element('li.pair', {}, element('span', {}, name, badge), element('span', {}, format.percent(chance)));
  return element('section.card-part.border', {}, element('h3', {}, t('case.neighbours')),
    element('ul.rows', {}, line(names.grid(own) ?? own, confidence, chosen ? element('span.badge', {}, t('case.chosen')) : null),
      ...others.map(({name, grid_code: code, chance}) => line(name ?? code, chance))));
}
