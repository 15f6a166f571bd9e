/** Reference data, such as water, is background: a click goes through it. */
const seen = new WeakMap();

/** @param {object} base the style that the server gives */
export function styleOf(base) {
  if (!seen.has(base)) seen.set(base, {...base, interactive: false});
  return seen.get(base);
}
