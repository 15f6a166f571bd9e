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

/**
 * The same for content that does what it says whenever it was made: parts that are equal stay, as what is replaced
 * while it is pressed is not clicked.
 * @param {HTMLElement} node
 * @param {...(Node | string | null)} content
 */
export function replaceChanged(node, ...content) {
  const parts = content.filter(part => part !== null && part !== undefined);
  const before = [...node.childNodes];
  if (parts.length !== before.length) {
    replaceKept(node, ...parts);
    return;
  }
  for (const [at, part] of parts.entries()) if (!part.isEqualNode(before[at])) replaceOne(before[at], part);
}

function replaceOne(before, part) {
  const key = before.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  before.replaceWith(part);
  if (!key) return;
  const again = part.dataset.key === key ? part : part.querySelector(`[data-key="${CSS.escape(key)}"]`);
  again?.focus({preventScroll: true});
}
