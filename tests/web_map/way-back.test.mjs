import assert from 'node:assert/strict';
import {test} from 'node:test';
import {wayBack} from '../../web_map/static/js/way-back.js';

const here = 'http://10.0.0.7:8400';
const back = next => wayBack(`?next=${encodeURIComponent(next)}`, here);

test('without a way back one comes to the wall', () => assert.equal(wayBack('', here), '/wall'));
test('one comes back to where one was', () => assert.equal(back('/cases?stage=reported'), '/cases?stage=reported'));
for (const next of ['//elsewhere.example/x', 'https://elsewhere.example/', '/\\elsewhere.example', 'javascript:alert(1)', 'http://', '/login?next=/login']) {
  test(`no way leads out by ${next}`, () => assert.equal(back(next), '/wall'));
}
