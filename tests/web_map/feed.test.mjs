import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Feed} from '../../web_map/static/js/cases/feed.js';

const reported = id => ({id, kind: 'reported'});
const settled = () => new Promise(resolve => { setImmediate(resolve); });

function makeFeed(fetchItems = async ids => ids.map(id => ({id}))) {
  const seen = {asked: [], arrived: [], overflows: 0, timers: []};
  const feed = new Feed({
    fetchItems: ids => { seen.asked.push(ids); return fetchItems(ids); },
    arrive: arrivals => seen.arrived.push(...arrivals.map(({feature, kinds}) => [feature.id, ...kinds])),
    overflow: () => { seen.overflows += 1; },
    later: (act, ms) => seen.timers.push({act, ms}),
  });
  return {feed, seen, tick: async () => { seen.timers.shift().act(); await settled(); }};
}

test('a change is fetched at once', async () => {
  const {feed, seen} = makeFeed();
  feed.add([reported(7)]);
  await settled();
  assert.deepEqual(seen.arrived, [[7, 'reported']]);
});

test('changes that come meanwhile are fetched together', async () => {
  const {feed, seen, tick} = makeFeed();
  for (const id of [1, 2, 3]) feed.add([reported(id)]);
  await settled();
  await tick();
  assert.deepEqual(seen.asked, [[1], [2, 3]]);
});

test('requests are at least 100 ms apart', async () => {
  const {feed, seen} = makeFeed();
  feed.add([reported(1)]);
  await settled();
  assert.equal(seen.timers[0].ms, 100);
});

test('a case that changed twice is fetched once, with both kinds', async () => {
  const {feed, seen, tick} = makeFeed();
  feed.add([reported(1)]);
  feed.add([reported(2), {id: 2, kind: 'accepted'}]);
  await settled();
  await tick();
  assert.deepEqual(seen.arrived.at(-1), [2, 'reported', 'accepted']);
});

test('when the server is away, nothing is lost', async () => {
  let away = true;
  const {feed, seen, tick} = makeFeed(async ids => {
    if (away) throw Object.assign(new Error('away'), {status: 503});
    return ids.map(id => ({id}));
  });
  feed.add([reported(5)]);
  await settled();
  away = false;
  await tick();
  assert.deepEqual(seen.arrived, [[5, 'reported']]);
});

test('a flood is answered by one refresh, and what waits is forgotten', async () => {
  const {feed, seen} = makeFeed();
  feed.add(Array.from({length: 1500}, (_, id) => reported(id)));
  await settled();
  assert.deepEqual([seen.overflows, seen.asked.length, feed.waiting.size], [1, 0, 0]);
});
