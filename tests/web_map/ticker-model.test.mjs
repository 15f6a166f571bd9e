import assert from 'node:assert/strict';
import {test} from 'node:test';
import {TickerModel} from '../../web_map/static/js/cases/ticker-model.js';

const entry = (id, gridCode = `grid ${id}`) => ({id, gridCode});

function filled(count, everyMs, gridCode) {
  const model = new TickerModel();
  for (let id = 0; id < count; id += 1) model.add(entry(id, gridCode), id * everyMs);
  return model;
}

test('the newest case is the first line', () => {
  assert.deepEqual(filled(3, 1000).lines().map(({latest}) => latest.id), [2, 1, 0]);
});
test('slow cases of one grid keep a line each', () => assert.equal(filled(10, 1000, 'one').lines().length, 10));
test('above five a second, cases of one grid share a line that counts them', () => {
  const [top] = filled(100, 50, 'one').lines();
  assert.ok(top.count > 50, `counted ${top.count}`);
});
test('above five a second, every case is still counted once', () => {
  const total = filled(100, 50, 'one').lines().reduce((sum, {count}) => sum + count, 0);
  assert.equal(total, 100);
});
test('lines are bounded', () => assert.equal(filled(5000, 1000).lines().length, 60));
test('a case told twice has one line', () => {
  const model = new TickerModel();
  model.add(entry(1), 0);
  model.add(entry(1), 5000);
  assert.equal(model.lines().length, 1);
});
test('a case that moves on is brought up to date where it stands', () => {
  const model = filled(3, 1000);
  model.update({...entry(1), stage: 'closed'});
  assert.equal(model.lines()[1].latest.stage, 'closed');
});
