/** Keys of the list: j and k or arrows move, Enter opens, x selects, Shift+X up to here, m shows likely duplicates, / searches, ? tells them all. */

const isTyping = target => target.matches('input:not([type="checkbox"]), textarea, select') || target.closest('dialog');

/** @param {{table: import('./table.js').CaseTable, list: import('./list.js').CaseList, search: HTMLElement, help: {show: () => void}, card: {isOpen: boolean, close: () => void}, filters: HTMLElement, dispatch: () => void, pairs: () => void}} parts */
export function listenForKeys({table, list, search, help, card, dispatch, pairs}) {
  const move = step => table.focus(list.rows.neighbour(table.current, step));
  const acts = {
    j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
    Home: () => table.focus(list.rows.rows[0]?.id), End: () => table.focus(list.rows.rows.at(-1)?.id),
    Enter: () => list.open(table.current),
    x: () => list.select(table.current, false), X: () => list.select(table.current, true),
    d: dispatch, m: pairs,
    '/': () => search.select(),
    '?': () => help.show(),
    Escape: () => (card.isOpen ? card.close() : list.unselect()),
  };
  const needRow = new Set(['Enter', 'x', 'X']);
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const act = acts[event.key];
    if (!act || !isOurs(event, table) || (needRow.has(event.key) && table.current === null)) return;
    act();
    event.preventDefault();
  });
}

/** Arrows and Enter belong to what has the focus, unless that is a row or nothing. */
function isOurs({key, target}, table) {
  const inTable = table.node.contains(target) || target === document.body;
  return key.length === 1 || key === 'Escape' || inTable;
}
