import assert from 'node:assert/strict';
import {test} from 'node:test';
import {hitRank, signedArea} from '../../web_map/static/js/hit-test.js';

const ring = (...corners) => corners.map(([x, y]) => ({x, y}));
const square = ring([0, 0], [100, 0], [100, 100], [0, 100], [0, 0]);
const hole = ring([40, 40], [60, 40], [60, 60], [40, 60], [40, 40]);
const at = (x, y) => ({x, y});

test('a point inside a polygon hits it, ranked by its area', () => {
  assert.equal(hitRank({type: 3, rings: [square]}, at(10, 10), 0), 10000);
});
test('a point outside a polygon misses it', () => assert.equal(hitRank({type: 3, rings: [square]}, at(101, 50), 5), null));
test('a point in a hole misses the polygon', () => {
  assert.equal(hitRank({type: 3, rings: [square, hole]}, at(50, 50), 0), null);
});
test('a dot within reach comes before every polygon', () => {
  assert.equal(hitRank({type: 1, rings: [ring([10, 10])]}, at(13, 14), 5), 0);
});
test('a dot out of reach is missed', () => assert.equal(hitRank({type: 1, rings: [ring([10, 10])]}, at(13, 14), 4.9), null));
test('a line within reach comes after every polygon', () => {
  assert.equal(hitRank({type: 2, rings: [ring([0, 0], [100, 0])]}, at(50, 3), 4), Infinity);
});
test('beyond the end of a line is not on it', () => {
  assert.equal(hitRank({type: 2, rings: [ring([0, 0], [100, 0])]}, at(110, 0), 4), null);
});
test('a reversed ring has the opposite sign', () => assert.equal(signedArea(square), -signedArea([...square].reverse())));
