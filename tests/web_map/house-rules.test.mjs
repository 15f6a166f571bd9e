import assert from 'node:assert/strict';
import {readFileSync, readdirSync} from 'node:fs';
import {test} from 'node:test';

const root = new URL('../../web_map/static/js/', import.meta.url);
const modules = readdirSync(root, {recursive: true}).filter(name => name.endsWith('.js')).map(name => [name, readFileSync(new URL(name, root), 'utf8')]);
const offenders = wrong => modules.filter(([name, text]) => wrong(text, name)).map(([name]) => name);

test('a module has fewer than 150 lines', () => assert.deepEqual(offenders(text => text.trimEnd().split('\n').length >= 150), []));
test('a module begins by saying what it is for', () => assert.deepEqual(offenders(text => !text.startsWith('/**')), []));
test('text enters the page as text only', () => {
  assert.deepEqual(offenders(text => /innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(text)), []);
});
test('no module names another host', () => {
  assert.deepEqual(offenders(text => /https?:\/\/(?!www\.w3\.org\/2000\/svg)/.test(text)), []);
});
test('only one module turns the axes for Leaflet', () => {
  assert.deepEqual(offenders((text, name) => name !== 'lonlat.js' && /\b(lat, lng|lat, lon|latLng\()/.test(text)), []);
});
