import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fitting} from '../../web_map/static/js/label-layout.js';

const label = (text, x, rank = 0) => ({text, x, y: 0, width: 40, height: 12, rank});
const texts = labels => labels.map(({text}) => text);

test('labels that touch are not both written', () => assert.deepEqual(texts(fitting([label('a', 0), label('b', 30)])), ['a']));
test('labels side by side are both written', () => assert.deepEqual(texts(fitting([label('a', 0), label('b', 60)])), ['a', 'b']));
test('of two that touch the lower rank is written', () => {
  assert.deepEqual(texts(fitting([label('micro-grid', 0, 2), label('grid', 10, 1)])), ['grid']);
});
