/** Redrawing without losing the reader's place: the focus goes to what has the same key as before. */

/**
 * Replace a node's content; a focused control inside it is focused again when one of the same `data-key` is there.
 * @param {HTMLElement} node
 * @param {...(Node | string | null)} content
 */
export function replaceKept(node, ...content) {
  const held = node.contains(document.activeElement) ? document.activeElement : null;
  const open = [...node.querySelectorAll('details[open]')].map(({dataset}) => dataset.key);
  node.replaceChildren(...content.filter(part => part !== null && part !== undefined));
  for (const details of node.querySelectorAll('details')) if (open.includes(details.dataset.key)) details.open = true;
  if (!held || held.isConnected) return;
  const again = held.dataset.key && node.querySelector(`[data-key="${CSS.escape(held.dataset.key)}"]:not(:disabled)`);
  (again ?? node.closest('[tabindex="-1"]'))?.focus({preventScroll: true});
}
