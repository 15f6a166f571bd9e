/** Where each part of a procedure's diagram stands: steps from top to bottom as the file has them, returns left, skips right, levels as lanes. Pure. */
import {LANE_HEAD, lanesOf} from './lanes.js';
import {endsOf, heightOf, layTracks, outOf, spread} from './sides.js';
import {linesOf, widthOf} from './text-size.js';

export const SIZES = {text: 12.5, box: 176, least: 60, line: 16, margin: 14};
const STAY_MOST = 150;

/**
 * @param {ReturnType<typeof import('./definition.js').readDefinition>} procedure
 * @param {{move: (move: object) => string, step: (step: object) => string, between: string}} words
 * @returns {{width: number, height: number, boxes: object[], arrows: object[], lanes: object | null}} in CSS pixels
 */
export function layOut({steps, moves, levels}, words) {
  const rank = new Map(steps.map(({code}, index) => [code, index]));
  const sides = sortArrows(moves, rank, words);
  const boxes = makeBoxes(steps, {moves, sides, rank, words});
  const flow = placeBoxes(boxes, sides, {top: SIZES.margin + (levels.length ? LANE_HEAD : 0)});
  const lanes = levels.length ? lanesOf({levels, moves, boxes, words}, flow) : null;
  return {width: lanes?.right ?? flow.right, height: flow.bottom, boxes, arrows: [...sides.down, ...sides.left, ...sides.right], lanes};
}

/** One arrow for all moves between the same two steps: down to the next, right past others, left back. */
function sortArrows(moves, rank, words) {
  const arrows = new Map();
  for (const move of moves.filter(({kind}) => kind === 'on' || kind === 'back')) {
    const key = `${move.from}>${move.to}`;
    const arrow = arrows.get(key) ?? {from: move.from, to: move.to, kind: move.kind, lines: []};
    if (!arrow.lines.includes(words.move(move))) arrow.lines.push(words.move(move));
    arrows.set(key, arrow);
  }
  const all = [...arrows.values()];
  const isNext = ({from, to}) => rank.get(to) - rank.get(from) === 1;
  return {
    left: all.filter(({kind}) => kind === 'back'),
    down: all.filter(arrow => arrow.kind === 'on' && isNext(arrow)),
    right: all.filter(arrow => arrow.kind === 'on' && !isNext(arrow)),
  };
}

function makeBoxes(steps, {moves, sides, rank, words}) {
  return steps.map(step => {
    const titles = moves.filter(({kind, from}) => kind === 'stay' && from === step.code).map(words.move);
    const stay = linesOf([...new Set(titles)], {px: SIZES.text, most: STAY_MOST, between: words.between});
    const ends = {left: endsOf(step.code, sides.left, rank), right: endsOf(step.code, sides.right, rank)};
    const right = heightOf(ends.right) + (stay.length ? stay.length * SIZES.line + 10 : 0);
    const height = Math.max(SIZES.least, heightOf(ends.left) + 12, right + 12);
    return {step, stay, ends, height, width: SIZES.box};
  });
}

const widest = lines => Math.max(0, ...lines.map(line => widthOf(line, SIZES.text)));

function placeBoxes(boxes, sides, {top}) {
  const leftLabels = widest(sides.left.flatMap(({lines}) => lines));
  const rightLabels = widest([...sides.right.flatMap(({lines}) => lines), ...boxes.flatMap(({stay}) => stay)]);
  const bottom = placeRows(boxes, {down: sides.down, top});
  const leftRoom = SIZES.margin + layTracks(sides.left) + (leftLabels ? leftLabels + 16 : 0);
  for (const box of boxes) box.x = leftRoom;
  const edges = {left: leftRoom - (leftLabels ? leftLabels + 16 : 0), right: leftRoom + SIZES.box + (rightLabels ? rightLabels + 44 : 0)};
  const rightTracks = layTracks(sides.right);
  routeArrows(sides, new Map(boxes.map(box => [box.step.code, box])), edges);
  return {right: edges.right + rightTracks + SIZES.margin, bottom};
}

/** Each step has a row of its own, with room below for the words of the arrow to the next. */
function placeRows(boxes, {down, top}) {
  let y = top;
  for (const box of boxes) {
    const stayRoom = box.stay.length ? box.stay.length * SIZES.line + 10 : 0;
    box.y = y;
    spread(box.ends.left, box);
    spread(box.ends.right, {y: y + stayRoom, height: box.height - stayRoom});
    const lines = down.find(({from}) => from === box.step.code)?.lines.length ?? 0;
    y += box.height + 30 + lines * SIZES.line;
  }
  return y - 30 + SIZES.margin;
}

function routeArrows({left, right, down}, at, edges) {
  for (const arrow of left) arrow.points = round(at.get(arrow.from).x, at.get(arrow.to).x, edges.left - outOf(arrow.track), arrow);
  for (const arrow of right) arrow.points = round(at.get(arrow.from).x + SIZES.box, at.get(arrow.to).x + SIZES.box, edges.right + outOf(arrow.track), arrow);
  for (const arrow of down) {
    const [from, to] = [at.get(arrow.from), at.get(arrow.to)];
    arrow.points = [[from.x + SIZES.box / 2, from.y + from.height], [to.x + SIZES.box / 2, to.y]];
  }
}

const round = (leave, enter, x, {y1, y2}) => [[leave, y1], [x, y1], [x, y2], [enter, y2]];
