import assert from 'node:assert/strict';
import {test} from 'node:test';
import {TileShelf} from '../../web_map/static/js/tile-shelf.js';

const canvas = (z, x, y) => ({tile: {z, x, y}});

test('a tile that left the map comes back from the shelf once', () => {
  const [shelf, tile] = [new TileShelf(), canvas(14, 1, 2)];
  shelf.put(tile);
  assert.deepEqual([shelf.take({z: 14, x: 1, y: 2}), shelf.take({z: 14, x: 1, y: 2})], [tile, undefined]);
});

test('a full shelf drops what was put there first', () => {
  const shelf = new TileShelf();
  for (let x = 0; x < 49; x += 1) shelf.put(canvas(14, x, 0));
  assert.deepEqual([shelf.take({z: 14, x: 0, y: 0}), Boolean(shelf.take({z: 14, x: 1, y: 0}))], [undefined, true]);
});

test('when something changed the shelf is emptied', () => {
  const shelf = new TileShelf();
  shelf.put(canvas(14, 1, 2));
  shelf.clear();
  assert.equal(shelf.take({z: 14, x: 1, y: 2}), undefined);
});
