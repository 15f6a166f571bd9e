/** Keys that work anywhere on the wall: / search, l layers, m map, Esc closes, and those of the live layers. */

/** @param {{context: object, search: {focus: () => void}, live: Map<string, {keys?: Record<string, () => void>}>, clickCentre: () => void}} parts */
export function listenForKeys({context, search, live, clickCentre}) {
  const map = context.map.getContainer();
  const acts = Object.assign({
    '/': () => search.focus(),
    l: () => toggleDetails(document.querySelector('#layers details')),
    m: () => map.focus(),
    Escape: () => context.drawer.close(),
  }, ...[...live.values()].map(({keys}) => keys ?? {}));
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    const act = acts[event.key];
    if (!act) return;
    act();
    event.preventDefault();
  });
  map.addEventListener('keydown', event => {
    if (event.key === 'Enter' && event.target === map && !context.placeMode.active) clickCentre();
  });
}

const isTyping = target => target.matches('input:not([type="checkbox"]), textarea, select');

function toggleDetails(details) {
  details.open = !details.open;
  details.querySelector('summary').focus();
}
