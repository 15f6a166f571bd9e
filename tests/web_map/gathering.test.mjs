import assert from 'node:assert/strict';
import {test} from 'node:test';
import {gather, isGathered} from '../../web_map/static/js/gathering.js';

const EXTENT = 4096;
const cell = (x, y, n, id = 1) => ({id, type: 1, rings: [[{x, y}]], properties: n === 1 ? {n, name: 'a'} : {n}});
const gathered = (...features) => gather({extent: EXTENT, features}).features;
const numbers = features => features.map(({properties}) => properties.n);
const placeOf = ({rings: [[{x, y}]]}) => [x, y];

test('cells that lie close together become one mark with the sum of their numbers', () => {
  assert.deepEqual(numbers(gathered(cell(700, 700, 3), cell(760, 700, 200), cell(3000, 3000, 2))), [203, 2]);
});

test('a mark lies in the middle of what it stands for', () => {
  assert.deepEqual(placeOf(gathered(cell(600, 600, 1), cell(1000, 1000, 3))[0]), [900, 900]);
});

test('a feature alone stays what it is', () => {
  const [alone, mark] = gathered(cell(1000, 1000, 1), cell(3000, 3000, 5));
  assert.deepEqual([alone.properties, isGathered(alone), isGathered(mark)], [{n: 1, name: 'a'}, false, true]);
});

test('no mark is cut off at the edge of a tile', () => {
  assert.deepEqual(placeOf(gathered(cell(0, 4095, 9))[0]), [EXTENT * 0.045, EXTENT * 0.955]);
});

test('a tile that holds the features themselves stays as it is', () => {
  const features = [{id: 1, type: 3, rings: [], properties: {n: 7}}, {id: 2, type: 1, rings: [[{x: 1, y: 1}]], properties: {}}];
  assert.equal(gather({extent: EXTENT, features}).features, features);
});
