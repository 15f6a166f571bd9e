/** Building SVG, as element.js builds HTML. */
const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {string} tag @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Lines of text, one under the other. @param {string[]} lines @param {Record<string, string | number>} attributes x and y of the first */
export function textLines(lines, {x, y, step = 16, ...more}) {
  return svg('text', {x, y, ...more}, ...lines.map((line, index) => svg('tspan', {x, y: y + index * step}, line)));
}
