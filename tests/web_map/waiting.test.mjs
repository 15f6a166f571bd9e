import assert from 'node:assert/strict';
import {test} from 'node:test';
import {matching} from '../../web_map/static/js/cases/card/pick-model.js';
import {Choice, versionsOf} from '../../web_map/static/js/cases/dispatch/choice.js';
import {nextOf, oldestFirst, waitingSteps} from '../../web_map/static/js/cases/dispatch/waiting.js';

const procedure = (code, ...moves) => ({code, definition: {moves}});
const dispatch = (from, to) => ({effect: 'assign', from, to});
const reported = (id, day) => ({id, properties: {reported_at: `2026-11-${day}T00:00:00Z`}});
const ids = cases => cases.map(({id}) => id);

test('a case waits at the steps from which its procedure dispatches', () => {
  const found = waitingSteps([procedure('dongkeng', dispatch(['reported'], 'assigned'), {effect: 'advance', from: ['assigned'], to: 'handling'})]);
  assert.deepEqual(found, [{procedure: 'dongkeng', step: 'reported'}]);
});
test('two editions that dispatch from the same step are asked for once', () => {
  const edition = procedure('gucheng', dispatch(['reported'], 'assigned'));
  assert.equal(waitingSteps([edition, edition]).length, 1);
});
test('a procedure that does not dispatch has nobody waiting', () => assert.deepEqual(waitingSteps([procedure('basic', {effect: 'advance', from: ['reported'], to: 'accepted'})]), []));

test('those reported first come first', () => assert.deepEqual(ids(oldestFirst([reported(3, 22), reported(1, 21), reported(2, 20)])), [2, 1, 3]));
test('of those reported at once the lower number comes first', () => assert.deepEqual(ids(oldestFirst([reported(9, 22), reported(4, 22)])), [4, 9]));

test('the oldest is opened first', () => assert.equal(nextOf([{id: 5}, {id: 6}], null).id, 5));
test('after a case that still waits comes the one behind it', () => assert.equal(nextOf([{id: 5}, {id: 6}], 5).id, 6));
test('after the last one the oldest comes again', () => assert.equal(nextOf([{id: 5}, {id: 6}], 6).id, 5));
test('after a case that was dispatched the oldest comes', () => assert.equal(nextOf([{id: 6}], 5).id, 6));
test('when none waits none is opened', () => assert.equal(nextOf([], 5), undefined));

test('all are chosen at once, and none by the same again', () => {
  const choice = new Choice();
  choice.toggle(2);
  choice.toggleAll([1, 2, 3]);
  const all = choice.size;
  choice.toggleAll([1, 2, 3]);
  assert.deepEqual([all, choice.size], [3, 0]);
});
test('what left the list is no longer chosen', () => {
  const choice = new Choice();
  choice.toggleAll([1, 2, 3]);
  choice.keep([2, 4]);
  assert.deepEqual([choice.size, choice.has(2)], [1, true]);
});
test('versions are read at most four at a time, in order', async () => {
  let [open, most] = [0, 0];
  const read = async id => { open += 1; most = Math.max(most, open); await null; open -= 1; return id * 10; };
  const found = await versionsOf([1, 2, 3, 4, 5, 6].map(id => ({id})), read);
  assert.deepEqual([most, found.map(({version}) => version)], [4, [10, 20, 30, 40, 50, 60]]);
});

const units = [{code: 'O1', label: '黄屋村'}, {code: 'O2', label: '井美村'}, {code: 'O3', label: '东坑黄屋队'}];
test('a unit whose name begins with the words comes before one that holds them', () => assert.deepEqual(matching(units, '黄屋').map(({code}) => code), ['O1', 'O3']));
test('a unit is found by its code', () => assert.deepEqual(matching(units, 'o2').map(({label}) => label), ['井美村']));
test('one that is proposed and registered is offered once', () => assert.equal(matching([units[0], ...units], '黄屋村').length, 1));
test('nothing typed offers the likelier first, at most eight', () => {
  const many = Array.from({length: 20}, (_, n) => ({code: `U${n}`, label: `单位${n}`}));
  assert.deepEqual(matching(many, '').map(({code}) => code), ['U0', 'U1', 'U2', 'U3', 'U4', 'U5', 'U6', 'U7']);
});
