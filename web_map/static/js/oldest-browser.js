/**
 * The oldest browsers the pages run in. A test refuses what is newer (tests/web_map/oldest-browser.test.mjs).
 * What sets the bar: import maps (Safari 16.4), the `inert` attribute (Firefox 112), CSS color-mix
 * (Chromium 111, Firefox 113).
 */
export const OLDEST_BROWSER = {chromium: 111, firefox: 113, safari: 16.4};
