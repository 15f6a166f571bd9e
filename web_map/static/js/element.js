/** Building the page: text enters it as text nodes only. */

/**
 * Make an element.
 * @param {string} tag `tag` or `tag.class.class`
 * @param {Record<string, unknown>} properties `on…` are listeners, `data` a record for dataset,
 *   names with a dash or in lower case that the element does not know are attributes
 * @param {...(Node | string | number | null | undefined)} children
 */
export function element(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(' ');
  for (const [key, value] of Object.entries(properties)) setProperty(node, key, value);
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

function setProperty(node, key, value) {
  if (value === null || value === undefined) return;
  if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
  else if (key === 'data') Object.assign(node.dataset, value);
  else if (key in node && !key.includes('-')) node[key] = value;
  else node.setAttribute(key, value);
}

/**
 * Show one of the states that every panel has besides its content.
 * @param {'loading' | 'empty' | 'failed'} kind
 * @param {string} text
 * @param {{label: string, act: () => void}} [way] a way on, such as a retry
 */
export function stateLine(kind, text, way) {
  const button = way && element('button', {type: 'button', onclick: way.act}, way.label);
  return element(`div.state.${kind}`, {role: kind === 'failed' ? 'alert' : null}, text, button);
}
