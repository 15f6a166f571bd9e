/** The levels of a procedure (such as the three whistles) as lanes beside the steps, with who raises and lowers. Pure. */
import {linesOf} from './text-size.js';

const LANE = 116;
/** Height of the lanes' titles, in CSS pixels. */
export const LANE_HEAD = 62;
const TEXT = 12.5;
const UP = ['raise', 'call_up'];

/**
 * @param {{levels: object[], moves: object[], boxes: object[], words: object}} procedure
 * @param {{right: number, bottom: number}} flow where the steps end
 */
export function lanesOf({levels, moves, boxes, words}, flow) {
  const columns = levels.map((level, index) => ({level, x: flow.right + index * LANE, width: LANE, middle: flow.right + (index + 0.5) * LANE}));
  const titles = new Map(boxes.map(({step}) => [step.code, step]));
  const rows = boxes.map(box => rowOf(box, moves.filter(({kind, from}) => kind === 'level' && from === box.step.code), {words, titles})).filter(Boolean);
  return {columns, rows, right: flow.right + levels.length * LANE + 14};
}

/** At a step where the level may change: the words over the arrows up and under the arrows down. */
function rowOf(box, moves, {words, titles}) {
  if (!moves.length) return null;
  const say = wanted => {
    const some = moves.filter(({effect}) => UP.includes(effect) === wanted);
    const lines = linesOf([...new Set(some.map(words.move))], {px: TEXT, most: LANE - 24, between: words.between});
    const target = some.find(({to}) => to !== box.step.code)?.to;
    return target ? [...lines, `→ ${words.step(titles.get(target))}`] : lines;
  };
  return {box, y: box.y + box.height / 2, up: say(true), down: say(false)};
}
