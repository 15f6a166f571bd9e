/** A procedure's diagram as SVG: boxes coloured by stage, arrows with words, returns dashed with an open head, levels as lanes. */
import {svg, textLines} from '../svg.js';
import {LANE_HEAD} from './lanes.js';
import {SIZES, layOut} from './layout.js';

const RADIUS = 8;

/**
 * @param {ReturnType<typeof import('./definition.js').readDefinition>} procedure
 * @param {object} words
 * @param {string} words.title of the whole
 * @param {(step: object) => string} words.step
 * @param {(step: object) => string} words.limit '' when it has none
 * @param {(level: object) => string[]} words.level its lines
 * @param {(move: object) => string} words.move
 * @param {string} words.between between words of a list
 * @returns {SVGElement}
 */
export function drawProcedure(procedure, words) {
  const {width, height, boxes, arrows, lanes} = layOut(procedure, words);
  const size = {viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`, width: Math.ceil(width), height: Math.ceil(height)};
  return svg('svg', {...size, class: 'diagram', role: 'img', 'aria-label': words.title}, markers(),
    ...(lanes ? drawLanes(lanes, height, words) : []), ...arrows.map(drawArrow), ...boxes.map(box => drawBox(box, words)), ...arrows.map(drawLabel));
}

function markers() {
  const marker = (id, path, look) => svg('marker', {id, viewBox: '0 0 10 10', refX: 9, refY: 5, markerWidth: 9, markerHeight: 9, orient: 'auto-start-reverse'}, svg('path', {d: path, class: look}));
  return svg('defs', {}, marker('head-on', 'M0 0 10 5 0 10z', 'head-full'), marker('head-back', 'M1 1 9 5 1 9', 'head-open'));
}

function drawBox({step, stay, x, y, width, height}, words) {
  const limit = words.limit(step);
  const middle = y + height / 2;
  const parts = [
    svg('rect', {x, y, width, height, rx: RADIUS, class: 'step-box'}),
    svg('rect', {x, y, width: 9, height, rx: 3, class: 'step-stage'}),
    svg('text', {x: x + width / 2 + 4, y: limit ? middle - 3 : middle + 5, class: 'step-title'}, words.step(step)),
  ];
  if (step.final) parts.push(svg('rect', {x: x + 3.5, y: y + 3.5, width: width - 7, height: height - 7, rx: RADIUS - 3, class: 'step-final'}));
  if (limit) parts.push(svg('text', {x: x + width / 2 + 4, y: middle + 16, class: 'step-limit'}, limit));
  if (stay.length) parts.push(...drawStay(stay, x + width, y));
  return svg('g', {class: `step-group stage-${step.stage}`, 'data-step': step.code}, ...parts);
}

/** What can be done without leaving the step: a small loop at its side. */
function drawStay(lines, x, y) {
  const loop = svg('path', {d: `M${x} ${y + 12}h16a7 7 0 0 1 0 14h-15`, class: 'arrow stay', 'marker-end': 'url(#head-on)'});
  return [loop, textLines(lines, {x: x + 30, y: y + 17, step: SIZES.line, class: 'arrow-label stay-label'})];
}

function drawArrow({points, kind, from, to}) {
  const d = points.length === 2 ? `M${points[0]}L${points[1]}` : roundCorners(points);
  return svg('path', {d, class: `arrow ${kind}`, 'marker-end': `url(#head-${kind})`, 'data-from': from, 'data-to': to});
}

/** Out, along and back in, with round corners. */
function roundCorners([[x1, y1], [x, ya], [, yb], [x2, y2]]) {
  const bend = Math.min(RADIUS, Math.abs(yb - ya) / 2);
  const side = Math.sign(x - x1);
  const down = Math.sign(yb - ya) || 1;
  return `M${x1} ${y1}H${x - side * bend}Q${x} ${ya} ${x} ${ya + down * bend}V${yb - down * bend}Q${x} ${yb} ${x - side * bend} ${y2}H${x2}`;
}

function drawLabel({points, kind, lines}) {
  if (points.length === 2) {
    const [[x1, y1], [x2, y2]] = points;
    const y = (y1 + y2) / 2 - (lines.length - 1) * SIZES.line / 2 + 3;
    return textLines(lines, {x: (x1 + x2) / 2 + 9, y, step: SIZES.line, class: 'arrow-label'});
  }
  const [[x, y], [out]] = points;
  const left = out < x;
  const above = y - 5 - (lines.length - 1) * SIZES.line;
  return textLines(lines, {x: left ? x - 8 : x + 8, y: above, step: SIZES.line, class: `arrow-label ${kind} ${left ? 'end' : ''}`});
}

function drawLanes({columns, rows}, height, words) {
  const bands = columns.flatMap(({level, x, width, middle}, index) => [
    svg('rect', {x, y: SIZES.margin, width, height: height - 2 * SIZES.margin, class: `lane lane-${index % 2}`}),
    textLines(words.level(level), {x: middle, y: SIZES.margin + 19, step: 17, class: 'lane-title'}),
    svg('line', {x1: x, x2: x + width, y1: SIZES.margin + LANE_HEAD - 16, y2: SIZES.margin + LANE_HEAD - 16, class: 'lane-line'}),
  ]);
  return [...bands, ...rows.flatMap(row => drawRow(row, columns))];
}

/** The dots of one step in all lanes, from each to the next an arrow up, and back an arrow down. */
function drawRow({box, y, up, down}, columns) {
  const dots = columns.map(({middle}) => svg('circle', {cx: middle, cy: y, r: 6, class: `lane-dot stage-${box.step.stage}`}));
  const lead = svg('line', {x1: box.x + box.width, x2: columns[0].middle - 8, y1: y, y2: y, class: 'lane-lead'});
  const pairs = columns.slice(1).map(({middle}, index) => [columns[index].middle, middle]);
  const raise = up.length ? pairs.map(([a, b]) => svg('path', {d: `M${a + 7} ${y - 4}H${b - 8}`, class: 'arrow on', 'marker-end': 'url(#head-on)'})) : [];
  const lower = down.length ? pairs.map(([a, b]) => svg('path', {d: `M${b - 7} ${y + 4}H${a + 8}`, class: 'arrow back', 'marker-end': 'url(#head-back)'})) : [];
  const middle = pairs.length ? (pairs[0][0] + pairs[0][1]) / 2 : 0;
  const words = pairs.length ? [
    textLines(up, {x: middle, y: y - 12 - (up.length - 1) * 15, step: 15, class: 'arrow-label middle'}),
    textLines(down, {x: middle, y: y + 22, step: 15, class: 'arrow-label middle back'}),
  ] : [];
  return [lead, ...raise, ...lower, ...dots, ...words];
}
