import assert from 'node:assert/strict';
import {test} from 'node:test';
import {FreshCases} from '../../web_map/static/js/cases/fresh-cases.js';
import {LiveTiles} from '../../web_map/static/js/cases/live-tiles.js';

const settled = () => new Promise(resolve => { setImmediate(resolve); });
const tile = (z, x, y = 0) => ({z, x, y});

function makeTiles(load = async ({z, x}) => [`case of ${z}/${x}`]) {
  const asked = [];
  const failures = [];
  const tiles = new LiveTiles({
    load: (where, signal) => { asked.push(`${where.z}/${where.x}`); return load(where, signal); },
    loaded: () => {},
    failed: error => failures.push(error.message),
  });
  return {tiles, asked, failures};
}

test('a tile is fetched once while it is fresh', async () => {
  const {tiles, asked} = makeTiles();
  tiles.show([tile(2, 0)]);
  await settled();
  tiles.show([tile(2, 0)]);
  await tiles.refetch();
  assert.deepEqual(asked, ['2/0']);
});

test('only the tile that holds the place is fetched again', async () => {
  const {tiles, asked} = makeTiles();
  tiles.show([tile(1, 0), tile(1, 1)]);
  await settled();
  tiles.markStale([0.75, 0.25]);
  await tiles.refetch();
  assert.deepEqual(asked, ['1/0', '1/1', '1/1']);
});

test('right after a zoom the former picture stays until the new one is whole', async () => {
  const {tiles} = makeTiles(where => (where.z === 3 ? new Promise(() => {}) : Promise.resolve(['far'])));
  tiles.show([tile(2, 0)]);
  await settled();
  tiles.features();
  tiles.show([tile(3, 0)]);
  assert.deepEqual(tiles.features(), ['far']);
});

test('a failed tile stays stale and says so', async () => {
  const {tiles, asked, failures} = makeTiles(async () => { throw new Error('away'); });
  tiles.show([tile(2, 0)]);
  await settled();
  await tiles.refetch();
  assert.deepEqual([asked.length, failures], [2, ['away', 'away']]);
});

test('tiles out of view are bounded', async () => {
  const {tiles} = makeTiles();
  for (let x = 0; x < 300; x += 1) {
    tiles.show([tile(9, x)]);
    await settled();
  }
  assert.ok(tiles.entries.size < 70, `kept ${tiles.entries.size}`);
});

test('a fresh case goes when a tile asked for after it has come', () => {
  const fresh = new FreshCases();
  fresh.add({id: 1, unit: [0.1, 0.1]}, 100);
  fresh.covered(tile(1, 0), 99);
  const before = fresh.all().length;
  fresh.covered(tile(1, 0), 100);
  assert.deepEqual([before, fresh.all().length], [1, 0]);
});

test('fresh cases are bounded', () => {
  const fresh = new FreshCases();
  for (let id = 0; id < 2000; id += 1) fresh.add({id, unit: [0, 0]}, id);
  assert.equal(fresh.all().length, 500);
});
