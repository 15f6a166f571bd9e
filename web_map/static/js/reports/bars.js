/** Small bars beside numbers; on paper and without colours their length tells the same. */
import {svg} from '../svg.js';
import {shareOf} from './report-model.js';

const WIDTH = 64;
const HEIGHT = 8;

/** @param {number | null} rate parts of 1 @returns {SVGElement} a bar filled so far */
export function rateBar(rate) {
  return svg('svg', {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, preserveAspectRatio: 'none', class: 'bar-rate', 'aria-hidden': 'true'},
    svg('rect', {x: 0.5, y: 0.5, width: WIDTH - 1, height: HEIGHT - 1, class: 'bar-track'}),
    svg('rect', {x: 0.5, y: 0.5, width: (WIDTH - 1) * shareOf(rate), height: HEIGHT - 1, class: 'bar-fill'}));
}

/** What a forecast promised as a line over what came of it as a bar. @param {{expected: number, observed: number}} bin */
export function calibrationBar({expected, observed}) {
  const bar = rateBar(observed);
  const x = (WIDTH - 1) * shareOf(expected) + 0.5;
  bar.append(svg('line', {x1: x, x2: x, y1: 0, y2: HEIGHT, class: 'bar-mark'}));
  return bar;
}
