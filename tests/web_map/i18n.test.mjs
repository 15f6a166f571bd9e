import assert from 'node:assert/strict';
import {readFileSync, readdirSync} from 'node:fs';
import {test} from 'node:test';

const root = new URL('../../web_map/', import.meta.url);
const words = Object.fromEntries(['zh-CN', 'en'].map(name => [name, JSON.parse(readFileSync(new URL(`static/i18n/${name}.json`, root)))]));
const filesOf = (folder, ending) => readdirSync(new URL(folder, root), {recursive: true}).filter(name => name.endsWith(ending)).map(name => readFileSync(new URL(`${folder}${name}`, root), 'utf8'));
const valuesIn = text => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test('both languages have the same keys', () => assert.deepEqual(Object.keys(words.en), Object.keys(words['zh-CN'])));

test('no word is empty', () => {
  const empty = Object.entries(words).flatMap(([name, table]) => Object.keys(table).filter(key => !table[key]).map(key => `${name} ${key}`));
  assert.deepEqual(empty, []);
});

test('both languages say the same values', () => {
  const different = Object.keys(words.en).filter(key => valuesIn(words.en[key]).join() !== valuesIn(words['zh-CN'][key]).join());
  assert.deepEqual(different, []);
});

test('every word that the pages ask for is in the dictionary', () => {
  const scripts = filesOf('static/js/', '.js').flatMap(text => [...text.matchAll(/\bt\('([\w.]+)'/g)]);
  const shells = filesOf('templates/', '.html').flatMap(text => [...text.matchAll(/data-i18n(?:-label)?="([\w.]+)"/g)]);
  const missing = [...scripts, ...shells].map(([, key]) => key).filter(key => !(key in words.en));
  assert.deepEqual(missing, []);
});
