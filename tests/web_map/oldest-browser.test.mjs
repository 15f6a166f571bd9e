import assert from 'node:assert/strict';
import {readFileSync, readdirSync} from 'node:fs';
import {test} from 'node:test';
import {OLDEST_BROWSER} from '../../web_map/static/js/oldest-browser.js';

/** What came later than Chromium 111, Firefox 113 or Safari 16.4: [name, pattern, the version that brought it]. */
const NEWER_SCRIPT = [
  ['Object.groupBy', /\b(Object|Map)\.groupBy\(/, {chromium: 117, firefox: 119, safari: 17.4}],
  ['Promise.withResolvers', /Promise\.withResolvers\(/, {chromium: 119, firefox: 121, safari: 17.4}],
  ['Promise.try', /Promise\.try\(/, {chromium: 128, firefox: 134, safari: 18.2}],
  ['Array.fromAsync', /Array\.fromAsync\(/, {chromium: 121, firefox: 115, safari: 16.4}],
  ['copying array methods', /\.(toSorted|toReversed|toSpliced)\(/, {chromium: 110, firefox: 115, safari: 16}],
  ['AbortSignal.any', /AbortSignal\.any\(/, {chromium: 116, firefox: 124, safari: 17.4}],
  ['URL.canParse', /URL\.(canParse|parse)\(/, {chromium: 120, firefox: 115, safari: 17}],
  ['Set algebra', /\.(isSubsetOf|isSupersetOf|symmetricDifference|isDisjointFrom)\(/, {chromium: 122, firefox: 127, safari: 17}],
  ['iterator helpers', /\.(values|keys|entries)\(\)\.(map|filter|take|drop|flatMap|toArray|reduce|some|every|find)\(/, {chromium: 122, firefox: 131, safari: 18.4}],
  ['import attributes', /import\b[^;]*\bwith\s*\{\s*type/, {chromium: 123, firefox: 138, safari: 17.2}],
  ['the v flag of patterns', /\/[dgimsuy]*v[dgimsuy]*\.(test|exec)\(/, {chromium: 112, firefox: 116, safari: 17}],
  ['popover', /\.(show|hide|toggle)Popover\(/, {chromium: 114, firefox: 125, safari: 17}],
  ['view transitions', /startViewTransition\(/, {chromium: 111, firefox: 144, safari: 18}],
  ['requestIdleCallback', /\brequestIdleCallback\(/, {chromium: 47, firefox: 55, safari: Infinity}],
  ['scheduler', /\bscheduler\.(postTask|yield)\(/, {chromium: 94, firefox: 142, safari: Infinity}],
];
const NEWER_STYLE = [
  [':has()', /:has\(/, {chromium: 105, firefox: 121, safari: 15.4}],
  ['nesting', /^\s*&/m, {chromium: 112, firefox: 117, safari: 16.5}],
  ['light-dark()', /light-dark\(/, {chromium: 123, firefox: 120, safari: 17.5}],
  ['@scope', /@scope\b/, {chromium: 118, firefox: 128, safari: 17.4}],
  ['@starting-style', /@starting-style\b/, {chromium: 117, firefox: 129, safari: 17.5}],
  ['@property', /@property\b/, {chromium: 85, firefox: 128, safari: 16.4}],
  ['text-wrap', /\btext-wrap\s*:/, {chromium: 114, firefox: 121, safari: 17.4}],
  ['relative colours', /\b(rgb|hsl|oklch)\(\s*from\b/, {chromium: 119, firefox: 128, safari: 16.4}],
  ['anchor positioning', /\banchor\(|position-area/, {chromium: 125, firefox: Infinity, safari: Infinity}],
  ['field-sizing', /field-sizing\s*:/, {chromium: 123, firefox: Infinity, safari: Infinity}],
];

const root = new URL('../../web_map/static/', import.meta.url);
const files = ending => readdirSync(root, {recursive: true}).filter(name => name.endsWith(ending)).map(name => [name, readFileSync(new URL(name, root), 'utf8')]);
const uses = (sources, table) => sources.flatMap(([name, text]) => table.filter(([, pattern]) => pattern.test(text)).map(([what]) => `${name}: ${what}`));

test('no script uses what the oldest browser lacks, third-party ones included', () => assert.deepEqual(uses(files('.js'), NEWER_SCRIPT), []));
test('no style sheet uses what the oldest browser lacks', () => assert.deepEqual(uses(files('.css'), NEWER_STYLE), []));

test('every refused feature is newer than the oldest browser', () => {
  const supported = ([, , since]) => Object.keys(OLDEST_BROWSER).every(name => since[name] <= OLDEST_BROWSER[name]);
  assert.deepEqual([...NEWER_SCRIPT, ...NEWER_STYLE].filter(supported).map(([name]) => name), []);
});

test('the check sees what it is there to refuse', () => {
  assert.deepEqual(uses([['a.js', 'list.toSorted()']], NEWER_SCRIPT), ['a.js: copying array methods']);
});

test('the templates reach every module by the import map', () => {
  const shell = readFileSync(new URL('../templates/shell.html', root), 'utf8');
  const named = files('.js').filter(([name]) => name.startsWith('js/')).flatMap(([, text]) => [...text.matchAll(/from '([^.'/][^']*)'/g)].map(([, name]) => name));
  assert.deepEqual([...new Set(named)].filter(name => !shell.includes(`"${name}":`)), []);
});
