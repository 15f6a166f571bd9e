import assert from 'node:assert/strict';
import {test} from 'node:test';
import {changesBetween} from '../../web_map/static/js/cases/card/changes.js';
import {dispatchMove, fieldsOf, givingMove, instantOf, keyOf, refusedField, stepBody} from '../../web_map/static/js/cases/card/move-model.js';

const move = (code, effect, more = {}) => ({code, effect, allowed: true, ...more});
const same = local => `${local} instant`;

test('a move without needs asks for nothing', () => assert.deepEqual(fieldsOf(move('take', 'advance')), []));
test('a move asks for what it needs', () => assert.deepEqual(fieldsOf(move('ask_delay', 'ask_delay', {needs: ['reason', 'until']})), ['reason', 'until']));
test('a level is asked for when there are several', () => {
  assert.deepEqual(fieldsOf(move('raise', 'raise', {needs: ['reason'], levels: ['major', 'hard']})), ['level', 'reason']);
});
test('the only level is sent without a question', () => {
  assert.deepEqual(stepBody(move('raise', 'raise', {levels: ['major']}), {reason: ' 超出能力 '}, same), {move: 'raise', level: 'major', reason: '超出能力'});
});
test('a rating is sent as a number', () => assert.deepEqual(stepBody(move('rate', 'rate'), {rating: '4'}, same), {move: 'rate', rating: 4}));
test('photos and words are the evidence of a step', () => {
  const typed = {photo: 'IMG1.jpg， IMG2.jpg', evidence: '已清淤'};
  assert.deepEqual(stepBody(move('write_off', 'write_off'), typed, same).evidence, {photos: ['IMG1.jpg', 'IMG2.jpg'], note: '已清淤'});
});
test('minutes stand beside the evidence', () => assert.deepEqual(stepBody(move('meet', 'meet'), {minutes: '三方到场'}, same), {move: 'meet', minutes: '三方到场'}));
test('until is sent as an instant', () => assert.equal(stepBody(move('ask_delay', 'ask_delay'), {until: '2026-11-24T11:30'}, same).until, '2026-11-24T11:30 instant'));

test('a local time of the town is an instant of its zone', () => assert.equal(instantOf('2026-11-23T11:30', 'Asia/Shanghai'), '2026-11-23T03:30:00.000Z'));
test('a local time after the clocks changed is counted by the new offset', () => {
  assert.equal(instantOf('2026-03-29T03:30', 'Europe/Berlin'), '2026-03-29T01:30:00.000Z');
});

test('a proposal is dispatched to while the case waits', () => {
  const moves = [move('reassign', 'reassign'), move('dispatch', 'assign')];
  assert.equal(givingMove(moves).code, 'dispatch');
});
test('a proposal is reassigned to once the case is dispatched', () => assert.equal(givingMove([move('return', 'return'), move('reassign', 'reassign')]).code, 'reassign'));
test('a proposal is taken by no move that is not allowed', () => assert.equal(givingMove([move('dispatch', 'assign', {allowed: false})]), undefined));
test('the move that dispatches is known even when it is not allowed', () => assert.equal(dispatchMove([move('dispatch', 'assign', {allowed: false})]).code, 'dispatch'));

test('a digit is no key of a move, as it picks a proposal', () => assert.deepEqual(['1', '/', 'd', 'D', ''].map(key => keyOf({key})), ['', '', 'd', 'd', '']));

test('a refusal is told at the field that it names', () => {
  const fields = ['reason', 'photo'];
  assert.deepEqual(['reason', 'evidence.photos', 'unit', undefined].map(member => refusedField(member, fields)), ['reason', 'photo', '', '']);
});

test('what somebody else changed is told by its name, the stage only when the step stayed', () => {
  const before = {properties: {step: 'reported', stage: 'reported', unit: null, reason: 'x'}};
  const after = {properties: {step: 'assigned', stage: 'accepted', unit: 'O1', reason: 'y'}};
  assert.deepEqual(changesBetween(before, after), [{name: 'step', from: 'reported', to: 'assigned'}, {name: 'unit', from: null, to: 'O1'}]);
});
