import assert from 'node:assert/strict';
import {test} from 'node:test';
import {staleness} from '../../web_map/static/js/staleness.js';

const limits = {amberS: 15, redS: 60};
const state = (ageS, connected) => staleness({ageS, connected}, limits);

test('a heartbeat just now is fresh', () => assert.equal(state(0, true), 'fresh'));
test('a heartbeat a second late on an open stream is no alarm', () => assert.equal(state(16, true), 'fresh'));
test('an open stream that stays silent turns amber', () => assert.equal(state(18, true), 'amber'));
test('a broken stream turns amber at 15 s', () => assert.deepEqual([14.9, 15].map(s => state(s, false)), ['fresh', 'amber']));
test('at 60 s it is red, open or not', () => assert.deepEqual([true, false].map(open => state(60, open)), ['red', 'red']));
