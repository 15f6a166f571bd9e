import assert from 'node:assert/strict';
import {test} from 'node:test';
import {makeFormat, startOfDay} from '../../web_map/static/js/format.js';

const shanghai = makeFormat({language: 'zh-CN', timeZone: 'Asia/Shanghai'});

test('a distance is in metres below a kilometre', () => assert.equal(shanghai.distance(999), '999 m'));
test('a distance from a kilometre on has one decimal', () => assert.equal(shanghai.distance(1000), '1.0 km'));
test('a small area is in square metres', () => assert.equal(shanghai.area(98825), '98,825 m²'));
test('a large area is in square kilometres', () => assert.equal(shanghai.area(2_340_000), '2.3 km²'));
test('a number has thousands separators', () => assert.equal(shanghai.number(19733), '19,733'));
test('a change carries its sign', () => assert.deepEqual([3, -2, 0].map(shanghai.signed), ['+3', '-2', '0']));
test('a time is told in the zone of the town', () => assert.equal(shanghai.seconds('2026-11-22T04:03:20Z'), '12:03:20'));
test('a rate has two decimals', () => assert.equal(shanghai.rate(911 / 972), '93.72%'));
test('a length of time is told by its units', () => assert.equal(shanghai.span([['day', 1], ['hour', 3]]), '1天3小时'));

test('midnight is 00, not 24', () => assert.equal(shanghai.seconds('2026-11-21T16:00:05Z'), '00:00:05'));

test('the day begins at midnight of the town, not of the browser', () => {
  const began = startOfDay(new Date('2026-11-22T20:15:30.250Z'), 'Asia/Shanghai');
  assert.equal(began.toISOString(), '2026-11-22T16:00:00.000Z');
});
