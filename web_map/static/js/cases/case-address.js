/** The case whose card is open stands in the wall's address, so that a link to it opens it there. */
import {openCase} from './case-card.js';

const PATTERN = /^#case-(\d+)$/;

/** @param {string} path of the collection @param {object} context of the wall; is told of cards that open and close */
export function followAddress(path, context) {
  const write = hash => history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
  const follow = async () => {
    const [, id] = location.hash.match(PATTERN) ?? [];
    if (!id || context.card?.id === Number(id)) return;
    const card = openCase(path, Number(id), context);
    await card.shown;
    if (card.feature?.geometry) context.flyTo(card.feature.geometry.coordinates);
  };
  Object.assign(context, {
    cardOpened: ({id}) => write(`#case-${id}`),
    cardClosed: () => { if (PATTERN.test(location.hash)) write(''); },
  });
  addEventListener('hashchange', follow);
  follow();
}
