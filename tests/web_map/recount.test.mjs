import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Recount} from '../../web_map/static/js/cases/recount.js';

const settled = () => new Promise(resolve => { setImmediate(resolve); });

function counting(tookMs = 0) {
  const seen = {now: 0, counted: 0, timers: []};
  const count = async () => { seen.counted += 1; seen.now += tookMs; await seen.during?.(); };
  const recount = new Recount(count, 1000, {now: () => seen.now, later: (act, ms) => { seen.timers.push({act, ms}); }});
  return {recount, seen, tick: async () => { seen.timers.shift().act(); await settled(); }};
}

test('many changes are counted once', async () => {
  const {recount, seen, tick} = counting();
  for (let n = 0; n < 50; n += 1) recount.touch();
  await tick();
  assert.deepEqual([seen.counted, seen.timers.length], [1, 0]);
});

test('a change while it counts is counted again', async () => {
  const {recount, seen, tick} = counting();
  recount.touch();
  seen.during = () => { seen.during = null; recount.touch(); };
  await tick();
  await tick();
  assert.deepEqual([seen.counted, seen.timers.length], [2, 0]);
});

test('counting takes a quarter of the time at most', async () => {
  const {recount, seen, tick} = counting(2000);
  recount.touch();
  await tick();
  recount.touch();
  assert.equal(seen.timers[0].ms, 8000);
});
