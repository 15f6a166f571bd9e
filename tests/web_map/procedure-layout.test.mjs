import assert from 'node:assert/strict';
import {test} from 'node:test';
import {readDefinition} from '../../web_map/static/js/procedures/definition.js';
import {layOut} from '../../web_map/static/js/procedures/layout.js';
import {linesOf, widthOf} from '../../web_map/static/js/procedures/text-size.js';
import {sample} from './procedure-sample.mjs';

const words = {move: ({title}) => title, step: ({title}) => title, between: '、'};
const procedure = readDefinition(sample);
const plan = layOut(procedure, words);
const boxOf = code => plan.boxes.find(({step}) => step.code === code);
const arrowOf = (from, to) => plan.arrows.find(arrow => arrow.from === from && arrow.to === to);
const meet = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const pairs = list => list.flatMap((one, index) => list.slice(index + 1).map(other => [one, other]));
const runs = side => plan.arrows.filter(({points}) => points.length === 4 && (points[1][0] < points[0][0]) === (side === 'left'))
  .map(({points: [, [x, a], [, b]]}) => ({x, top: Math.min(a, b), bottom: Math.max(a, b)}));

test('a move from several steps is an arrow from each', () => {
  assert.deepEqual(procedure.moves.filter(({code}) => code === 'return').map(({from}) => from), ['dispatched', 'handling']);
});
test('a move from everywhere leaves no closed step', () => {
  assert.deepEqual(procedure.moves.filter(({code}) => code === 'supervise').map(({from}) => from), ['registered', 'dispatched', 'handling', 'verified']);
});
test('moves on, back, in place and between levels are told apart', () => {
  const kinds = Object.fromEntries(procedure.moves.map(({code, kind}) => [code, kind]));
  assert.deepEqual([kinds.dispatch, kinds.return, kinds.supervise, kinds.raise, kinds.reopen], ['on', 'back', 'stay', 'level', 'back']);
});
test('a limit of the item has no amount', () => assert.deepEqual(procedure.steps[2].limit, {amount: null, unit: 'case'}));

test('no two boxes meet', () => assert.deepEqual(pairs(plan.boxes).filter(([a, b]) => meet(a, b)), []));
test('a step stands below those that lead to it', () => {
  const wrong = plan.arrows.filter(({kind, from, to}) => kind === 'on' && boxOf(from).y + boxOf(from).height >= boxOf(to).y);
  assert.deepEqual(wrong, []);
});
test('every move between two steps has its words on an arrow', () => {
  const missing = procedure.moves.filter(({kind, from, to, title}) => (kind === 'on' || kind === 'back') && !arrowOf(from, to)?.lines.includes(title));
  assert.deepEqual(missing, []);
});
test('a return runs on the left, a skip on the right', () => {
  const [back, skip] = [arrowOf('handling', 'registered'), arrowOf('registered', 'handling')];
  assert.ok(back.points[1][0] < boxOf('handling').x && skip.points[1][0] > boxOf('handling').x + boxOf('handling').width);
});
test('no two arrows run on the same stretch', () => {
  const clashes = ['left', 'right'].flatMap(side => pairs(runs(side))).filter(([a, b]) => a.x === b.x && a.top < b.bottom && b.top < a.bottom);
  assert.deepEqual(clashes, []);
});
test('the ends of arrows on a box are apart', () => {
  const ends = side => plan.arrows.filter(({points}) => points.length === 4).flatMap(({points, from, to}) => [[from, points[0]], [to, points[3]]])
    .filter(([code, [x]]) => (x === boxOf(code).x) === (side === 'left')).map(([code, [, y]]) => ({code, y}));
  const close = ['left', 'right'].flatMap(side => pairs(ends(side))).filter(([a, b]) => a.code === b.code && Math.abs(a.y - b.y) < 6);
  assert.deepEqual(close, []);
});
test('what stays at a step is listed at its box', () => assert.deepEqual(boxOf('handling').stay, ['督办、申请延期、会办']));
test('each level is a lane, and only steps whose level may change have a row', () => {
  assert.deepEqual([plan.lanes.columns.length, plan.lanes.rows.map(({box}) => box.step.code)], [4, ['handling']]);
});
test('a raise that leads to another step says to which', () => {
  const moves = sample.moves.map(move => (move.code === 'raise' ? {...move, to: 'dispatched'} : move));
  assert.deepEqual(layOut(readDefinition({...sample, moves}), words).lanes.rows[0].up, ['吹哨升级', '→ 派遣']);
});
test('lanes stand right of all boxes and arrows', () => {
  const right = Math.max(...plan.boxes.map(({x, width}) => x + width), ...plan.arrows.flatMap(({points}) => points.map(([x]) => x)));
  assert.ok(plan.lanes.columns[0].x >= right && plan.lanes.right <= plan.width);
});
test('all lies inside the picture', () => {
  const points = plan.arrows.flatMap(({points: all}) => all);
  assert.ok(points.every(([x, y]) => x > 0 && x < plan.width && y > 0 && y < plan.height));
});
test('a procedure without levels has no lanes', () => assert.equal(layOut(readDefinition({...sample, levels: []}), words).lanes, null));

test('a Chinese character is as wide as it is high', () => assert.equal(widthOf('派单', 12), 24));
test('a list is broken where it grows too wide', () => {
  assert.deepEqual(linesOf(['督办', '会办', '申请延期'], {px: 10, most: 60, between: '、'}), ['督办、会办', '申请延期']);
});
