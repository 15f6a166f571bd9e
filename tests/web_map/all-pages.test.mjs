import assert from 'node:assert/strict';
import {test} from 'node:test';
import {allPages} from '../../web_map/static/js/cases/dispatch/all-pages.js';

/** A list of so many features, told by pages of the limit that is asked for. */
const told = many => async (address, {limit = 2}) => {
  const from = Number(new URL(address, 'http://town').searchParams.get('from') ?? 0);
  const features = Array.from({length: Math.min(limit, many - from)}, (_, at) => ({id: from + at}));
  return {features, links: from + limit < many ? [{rel: 'self', href: ''}, {rel: 'next', href: `/items?from=${from + limit}`}] : []};
};
const ids = features => features.map(({id}) => id);

test('a list of several pages is read to its end, each feature once', async () => assert.deepEqual(ids(await allPages(told(5), '/items', {limit: 2})), [0, 1, 2, 3, 4]));
test('a list of one page is asked for once', async () => {
  let asked = 0;
  const read = (...question) => { asked += 1; return told(2)(...question); };
  assert.deepEqual([ids(await allPages(read, '/items', {limit: 2})), asked], [[0, 1], 1]);
});
test('a list of nothing is empty', async () => assert.deepEqual(await allPages(told(0), '/items', {}), []));
test('a page that cannot be read is told, not left out', async () => {
  const read = async address => { if (address !== '/items') throw new Error('away'); return told(3)(address, {limit: 2}); };
  await assert.rejects(allPages(read, '/items', {}), /away/);
});
