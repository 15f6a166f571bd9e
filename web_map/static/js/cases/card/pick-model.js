/** Which units or posts a typed word may mean. Pure. */

const SHOWN = 8;

/**
 * @param {{code: string, label: string, detail?: string}[]} options the likelier first; one that comes twice counts once
 * @param {string} typed
 * @returns {object[]} at most eight: those that begin with the words before those that hold them
 */
export function matching(options, typed) {
  const words = typed.trim().toLowerCase();
  const known = new Set();
  const once = options.filter(({code}) => !known.has(code) && known.add(code));
  const places = ({code, label, detail = ''}) => [label, code, detail].map(text => text.toLowerCase().indexOf(words)).filter(at => at >= 0);
  const found = once.map(option => ({option, places: places(option)})).filter(one => one.places.length);
  return found.sort((a, b) => Math.min(...a.places) - Math.min(...b.places)).map(({option}) => option).slice(0, SHOWN);
}
