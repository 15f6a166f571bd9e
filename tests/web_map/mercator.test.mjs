import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fittingSide, lonlatOf, tileAt, tileKey, unitInTile, unitOf} from '../../web_map/static/js/mercator.js';

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

const TOWN = [113.9, 22.97, 113.98, 23.02];

function pixelsOf([west, south, east, north], side, zoom) {
  const [[left, bottom], [right, top]] = [unitOf([west, south]), unitOf([east, north])];
  return [right - left, bottom - top].map(part => part * side * 2 ** zoom);
}

test('at the fitting side a box fills its window at a whole zoom', () => {
  const side = fittingSide(TOWN, {x: 1350, y: 930});
  const tallest = Array.from({length: 20}, (_, zoom) => pixelsOf(TOWN, side, zoom)).filter(([x, y]) => x <= 1350 && y <= 930).at(-1);
  assert.ok(Math.max(tallest[0] / 1350, tallest[1] / 930) > 0.99);
});

test('the fitting side is even, and within half a zoom of 512', () => {
  const sides = [300, 500, 700, 900, 1100].map(y => fittingSide(TOWN, {x: 4000, y}));
  assert.ok(sides.every(side => side % 2 === 0 && side >= 360 && side <= 726), sides.join());
});

test('a window without size has the usual side all the same', () => assert.ok(fittingSide(TOWN, {x: 0, y: 0}) >= 360));
test('a town of one point has the usual side', () => assert.equal(fittingSide([113, 23, 113, 23], {x: 900, y: 900}), 512));
