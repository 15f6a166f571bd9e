import assert from 'node:assert/strict';
import {test} from 'node:test';
import {lonlatOf, tileAt, tileKey, unitInTile, unitOf} from '../../web_map/static/js/mercator.js';

test('the middle of the world is the middle of the unit square', () => assert.deepEqual(unitOf([0, 0]), [0.5, 0.5]));

test('a place comes back to within a centimetre', () => {
  const [lon, lat] = lonlatOf(unitOf([113.93892, 22.98824]));
  assert.ok(Math.abs(lon - 113.93892) < 1e-7 && Math.abs(lat - 22.98824) < 1e-7);
});

test('longitude comes first: swapped axes give another tile', () => {
  assert.notEqual(tileKey(tileAt(unitOf([113.9, 23]), 14)), tileKey(tileAt(unitOf([23, 80]), 14)));
});

test('a place in Dongkeng lies in the known tile of zoom 14', () => {
  assert.deepEqual(tileAt(unitOf([113.9389, 22.9882]), 14), {z: 14, x: 13377, y: 7116});
});

test('the corner of a tile is the corner of its neighbour', () => {
  const here = unitInTile({z: 3, x: 2, y: 5}, 4096, 4096, 4096);
  assert.deepEqual(here, unitInTile({z: 3, x: 3, y: 6}, 0, 0, 4096));
});
