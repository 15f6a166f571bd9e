import assert from 'node:assert/strict';
import {test} from 'node:test';
import {limitOf, spanOf} from '../../web_map/static/js/cases/card/due.js';
import {DueClock} from '../../web_map/static/js/cases/due-clock.js';
import {FreshCases} from '../../web_map/static/js/cases/fresh-cases.js';
import {isOverdue} from '../../web_map/static/js/cases/entry.js';

const MINUTE = 60000;
const NOON = Date.parse('2026-11-22T04:00:00Z');
const at = minutes => new Date(NOON + minutes * MINUTE).toISOString();

test('a span has its two largest units', () => assert.deepEqual(spanOf((2 * 1440 + 3 * 60 + 4) * MINUTE), [['day', 2], ['hour', 3]]));
test('a span leaves out what is nothing', () => assert.deepEqual(spanOf(2 * 60 * MINUTE), [['hour', 2]]));
test('less than a minute is no minutes', () => assert.deepEqual(spanOf(59000), [['minute', 0]]));

test('an open case has time left', () => assert.deepEqual(limitOf({due_at: at(90)}, NOON), {state: 'left', ms: 90 * MINUTE}));
test('an open case past its limit is over it', () => assert.deepEqual(limitOf({due_at: at(-5)}, NOON), {state: 'over', ms: 5 * MINUTE}));
test('a closed case kept its limit or missed it, whatever the time is', () => {
  const states = [-10, 10].map(minutes => limitOf({due_at: at(0), closed_at: at(minutes)}, NOON + 99 * MINUTE).state);
  assert.deepEqual(states, ['kept', 'missed']);
});
test('while a delay is granted the clock stands still', () => assert.deepEqual(limitOf({due_at: at(-5), paused_h: 2.5}, NOON), {state: 'paused', ms: 150 * MINUTE}));
test('without a limit there is nothing left of it', () => assert.equal(limitOf({due_at: null}, NOON), null));

function clockAt(now) {
  const seen = {passed: [], timer: null, now};
  const clock = new DueClock(ids => seen.passed.push(...ids), {now: () => seen.now, later: (act, ms) => { seen.timer = {act, ms}; return null; }});
  return {clock, seen};
}

test('a limit that passes is told once, with its case', () => {
  const {clock, seen} = clockAt(NOON);
  clock.note(7, {due_at: at(10), stage: 'reported'});
  clock.note(8, {due_at: at(30), stage: 'handling'});
  seen.now = NOON + seen.timer.ms;
  seen.timer.act();
  assert.deepEqual([seen.passed, seen.timer.ms], [[7], 20 * MINUTE]);
});

test('a closed case has no limit any more', () => {
  const {clock, seen} = clockAt(NOON);
  clock.note(7, {due_at: at(10), stage: 'reported'});
  clock.note(7, {due_at: at(10), stage: 'closed'});
  seen.now = NOON + 60 * MINUTE;
  seen.timer.act();
  assert.deepEqual(seen.passed, []);
});

test('a limit far ahead is waited for in steps, as timers end after 24 days', () => {
  const {clock, seen} = clockAt(NOON);
  clock.note(7, {due_at: at(60 * 24 * 40), stage: 'reported'});
  assert.equal(seen.timer.ms, 60 * MINUTE);
});

test('a fresh case becomes overdue on the map when its limit passes', () => {
  const fresh = new FreshCases();
  fresh.add({id: 1, unit: [0, 0], due_at: at(1), stage: 'reported', overdue: false}, 0);
  fresh.age(properties => isOverdue({...properties, overdue: undefined}, NOON + 2 * MINUTE));
  assert.equal(fresh.all()[0].overdue, true);
});
