/** Keys that work anywhere on the wall: / search, t tray, l layers, m map, Esc closes. */

/** @param {{context: object, search: {focus: () => void}, live: Map<string, object>, clickCentre: () => void}} parts */
export function listenForKeys({context, search, live, clickCentre}) {
  const map = context.map.getContainer();
  const acts = {
    '/': () => search.focus(),
    t: () => live.forEach(layer => layer.toggleTray?.()),
    l: () => toggleDetails(document.querySelector('#layers details')),
    m: () => map.focus(),
    Escape: () => context.drawer.close(),
  };
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
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
