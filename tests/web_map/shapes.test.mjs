import assert from 'node:assert/strict';
import {test} from 'node:test';
import {clusterRadius, cornersOf, radiusOf, ringShares} from '../../web_map/static/js/cases/shapes.js';

test('each severity has a shape of its own', () => {
  assert.deepEqual([1, 2, 3, 4].map(severity => cornersOf(severity).length), [3, 4, 4, 24]);
});
test('a higher severity is larger', () => {
  const radii = [1, 2, 3, 4].map(radiusOf);
  assert.deepEqual(radii, [...radii].sort((a, b) => b - a));
});
test('a ring shows each stage by its share, clockwise from the top', () => {
  const [first, second] = ringShares([3, 0, 1]);
  assert.deepEqual([first.index, second.index], [0, 2]);
  assert.ok(Math.abs((first.to - first.from) - 1.5 * Math.PI) < 1e-12);
});
test('a larger number has room in its cluster', () => assert.ok(clusterRadius(12345) > clusterRadius(12)));
