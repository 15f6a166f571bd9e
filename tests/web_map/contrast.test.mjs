import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

/** WCAG 2.2 AA: text (1.4.3) and symbols (1.4.11). */
const TEXT = 4.5;
const SYMBOL = 3;

const sheet = readFileSync(new URL('../../web_map/static/css/tokens.css', import.meta.url), 'utf8');

function tokensOf(theme) {
  const blocks = [...sheet.matchAll(/([^{}]+)\{([^{}]*)\}/g)].filter(([, selector]) => selector.includes(':root') || selector.includes(`"${theme}"`));
  return Object.fromEntries(blocks.flatMap(([, , body]) => [...body.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{3,6})\s*;/gi)].map(([, name, colour]) => [name, colour])));
}

function luminance(colour) {
  const long = colour.length === 4 ? [...colour.slice(1)].map(digit => digit + digit).join('') : colour.slice(1);
  const [red, green, blue] = long.match(/../g).map(part => {
    const share = parseInt(part, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function weak(theme, fronts, grounds, least) {
  const tokens = tokensOf(theme);
  return fronts.flatMap(front => grounds.map(ground => [front, ground, contrast(tokens[front], tokens[ground])]))
    .filter(([, , ratio]) => ratio < least).map(([front, ground, ratio]) => `${front} on ${ground}: ${ratio.toFixed(2)}`);
}

for (const theme of ['dark', 'light']) {
  test(`every text colour can be read in the ${theme} theme`, () => {
    const texts = ['--text', '--muted', '--accent', '--amber', '--red', '--overdue'];
    assert.deepEqual(weak(theme, texts, ['--surface', '--surface-2', '--ground'], TEXT), []);
  });
  test(`labels can be read on the map in the ${theme} theme`, () => {
    assert.deepEqual(weak(theme, ['--label', '--label-quiet'], ['--map-ground', '--layer-buildings-fillColor'], TEXT), []);
  });
  test(`every stage can be told from the map in the ${theme} theme`, () => {
    const stages = ['reported', 'accepted', 'handling', 'closed'].map(stage => `--stage-${stage}`);
    assert.deepEqual(weak(theme, [...stages, '--overdue'], ['--map-ground', '--layer-buildings-fillColor', '--surface'], SYMBOL), []);
  });
  test(`words on a button can be read in the ${theme} theme`, () => {
    assert.deepEqual(weak(theme, ['--accent-text'], ['--accent'], TEXT), []);
  });
}
