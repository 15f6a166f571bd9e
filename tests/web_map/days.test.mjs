import assert from 'node:assert/strict';
import {test} from 'node:test';
import {askedDay, dayOf, shifted, shownDay} from '../../web_map/static/js/caselist/days.js';

const zone = 'Asia/Shanghai';

test('a moment has the day of the town, not of Greenwich', () => assert.equal(dayOf('2026-11-21T16:00:00Z', zone), '2026-11-22'));
test('a day is moved over the end of a month', () => assert.equal(shifted('2026-12-31', 1), '2027-01-01'));
test('the last day of a period is in it, its end is the next midnight', () => assert.equal(askedDay('to', '2026-11-30'), '2026-12-01'));
test('the first day of a period is its beginning', () => assert.equal(askedDay('from', '2026-11-01'), '2026-11-01'));
test('no day asks for nothing', () => assert.equal(askedDay('to', ''), null));
test('a field shows the day that was chosen', () => {
  assert.deepEqual(['from', 'to'].map(side => shownDay(side, askedDay(side, '2026-11-22'), zone)), ['2026-11-22', '2026-11-22']);
});
test('an end at midnight belongs to the day before', () => assert.equal(shownDay('to', '2026-11-22T16:00:00Z', zone), '2026-11-22'));
test('what is no time shows no day', () => assert.equal(shownDay('from', 'yesterday', zone), ''));
