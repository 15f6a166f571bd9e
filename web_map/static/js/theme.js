/** Dark and light: the page's default, the reader's choice, and the tokens' values for canvases. */
const KEPT = 'gis.theme';
const root = document.documentElement;
let tokens = new Map();

/** Take the kept theme of this page; without one the page's own, unless the system asks for more contrast of light. */
export function useKeptTheme() {
  const kept = localStorage.getItem(keptAs());
  if (kept) root.dataset.theme = kept;
  else if (root.dataset.theme === 'light' && matchMedia('(prefers-color-scheme: dark)').matches) root.dataset.theme = 'dark';
}

/** Switch, keep the choice in this browser, and tell canvases by a `theme` event on the document. */
export function switchTheme() {
  root.dataset.theme = root.dataset.theme === 'dark' ? 'light' : 'dark';
  localStorage.setItem(keptAs(), root.dataset.theme);
  tokens = new Map();
  document.dispatchEvent(new Event('theme'));
}

/** All reports, and all procedures, look alike. */
const keptAs = () => `${KEPT}/${location.pathname.split('/')[1]}`;

/** @param {string} name such as `--text` @returns {string} its value in the present theme, or '' */
export function token(name) {
  if (!tokens.has(name)) tokens.set(name, getComputedStyle(root).getPropertyValue(name).trim());
  return tokens.get(name);
}

/** How much larger than on a desk things are drawn on this screen: the root font size over 16 px. */
export function screenScale() {
  if (!tokens.has('scale')) tokens.set('scale', Math.max(1, parseFloat(getComputedStyle(root).fontSize) / 16));
  return tokens.get('scale');
}

addEventListener('resize', () => tokens.delete('scale'));
