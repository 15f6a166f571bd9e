import assert from 'node:assert/strict';
import {test} from 'node:test';
import {percents} from '../../web_map/static/js/chances.js';

const sum = list => list.reduce((total, value) => total + value, 0);

test('two chances are whole per cents that sum to 100', () => assert.deepEqual(percents([0.7912, 0.2088]), [79, 21]));
test('three thirds sum to 100', () => assert.equal(sum(percents([1, 1, 1])), 100));
test('chances that leave something out are scaled to 100', () => assert.deepEqual(percents([0.6, 0.3]), [67, 33]));
test('one grid alone is certain', () => assert.deepEqual(percents([0.97]), [100]));
test('nothing at all is no division by zero', () => assert.deepEqual(percents([0, 0]), [0, 0]));
