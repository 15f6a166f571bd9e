import assert from 'node:assert/strict';
import {test} from 'node:test';
import {choicesOf} from '../../web_map/static/js/border.js';

const grid = (code, level, chance, more = {}) => ({code, level, chance, net: 'general', ...more});
const codes = list => list.map(({code}) => code);

test('the grid that answers is offered before the coarser one', () => {
  const answer = {grids: [grid('A', 1, 1), grid('A1', 2, 1, {answers: true})], neighbours: []};
  assert.deepEqual(codes(choicesOf(answer)), ['A1']);
});

test('near a border the neighbour of the same level and net is offered too', () => {
  const neighbours = [grid('A2', 2, 0.3), grid('B', 1, 0.3), grid('P', 2, 0.3, {net: 'police'})];
  assert.deepEqual(codes(choicesOf({grids: [grid('A1', 2, 0.7, {answers: true})], neighbours})), ['A1', 'A2']);
});

test('the likelier neighbour comes first', () => {
  const answer = {grids: [grid('A1', 2, 0.4, {answers: true})], neighbours: [grid('A2', 2, 0.6)]};
  assert.deepEqual(codes(choicesOf(answer)), ['A2', 'A1']);
});

test('inside a dedicated grid the micro-grids beside it are offered too, and no grid above them', () => {
  const grids = [grid('D1', 1, 0.7, {answers: true, kind: 'dedicated'}), grid('A', 1, 1), grid('A1', 2, 0.2)];
  const answer = {grids, neighbours: [grid('A2', 2, 0.05)]};
  assert.deepEqual(codes(choicesOf(answer)), ['D1', 'A1']);
});

test('outside a dedicated grid it is offered too', () => {
  const answer = {grids: [grid('A1', 2, 0.8, {answers: true})], neighbours: [grid('D1', 1, 0.2, {kind: 'dedicated'})]};
  assert.deepEqual(codes(choicesOf(answer)), ['A1', 'D1']);
});

test('a choice that the server would refuse is not offered', () => {
  const answer = {grids: [grid('A1', 2, 0.9, {answers: true})], neighbours: [grid('A2', 2, 0.1)]};
  assert.deepEqual(codes(choicesOf(answer)), ['A1']);
});

test('a neighbour of one in a hundred is not offered', () => {
  const answer = {grids: [grid('A1', 2, 0.99, {answers: true})], neighbours: [grid('A2', 2, 0.01)]};
  assert.deepEqual(codes(choicesOf(answer)), ['A1']);
});

test('outside every grid there is nothing to choose', () => assert.deepEqual(choicesOf({grids: [], neighbours: []}), []));
