/** Case symbols: drawn once per look on a small canvas, then stamped; the same as SVG for lists. */
import {screenScale, token} from '../theme.js';
import {STAGES, clusterRadius, cornersOf, radiusOf, ringShares} from './shapes.js';

const SPRITE = 36;
const sprites = new Map();
document.addEventListener('theme', () => sprites.clear());

/** @param {string} stage @returns {string} its colour in the present theme */
export const stageColour = stage => token(`--stage-${stage}`);

/** Stamp one case at canvas pixels. */
export function drawCase(context, {x, y}, {stage, severity, overdue}) {
  const sprite = spriteOf(stage, severity, Boolean(overdue));
  const size = SPRITE * screenScale();
  context.drawImage(sprite, x - size / 2, y - size / 2, size, size);
}

function spriteOf(stage, severity, overdue) {
  const key = `${stage}/${severity}/${overdue}`;
  if (!sprites.has(key)) sprites.set(key, makeSprite(stage, severity, overdue));
  return sprites.get(key);
}

function makeSprite(stage, severity, overdue) {
  const canvas = Object.assign(document.createElement('canvas'), {width: SPRITE * 2, height: SPRITE * 2});
  const context = canvas.getContext('2d');
  context.scale(2, 2);
  context.translate(SPRITE / 2, SPRITE / 2);
  context.lineJoin = 'round';
  if (overdue) ring(context, radiusOf(severity) + 4.5, 0, 2 * Math.PI, token('--overdue'), 2);
  trace(context, cornersOf(severity));
  context.lineWidth = 3;
  context.strokeStyle = token('--halo');
  context.stroke();
  context.fillStyle = stageColour(stage);
  context.fill();
  return canvas;
}

function trace(context, corners) {
  context.beginPath();
  for (const [x, y] of corners) context.lineTo(x, y);
  context.closePath();
}

function ring(context, radius, from, to, colour, width) {
  context.beginPath();
  context.arc(0, 0, radius, from, to);
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

/** Draw a cluster: the number, a ring of stage shares, and outside it an arc of the overdue share. */
export function drawCluster(context, {x, y}, cluster) {
  const radius = clusterRadius(cluster.n);
  context.save();
  context.translate(x, y);
  context.scale(screenScale(), screenScale());
  context.beginPath();
  context.arc(0, 0, radius + 1.5, 0, 2 * Math.PI);
  context.fillStyle = token('--surface');
  context.fill();
  for (const {from, to, index} of ringShares(cluster.stages)) ring(context, radius, from, to, stageColour(STAGES[index]), 4);
  if (cluster.overdue) ring(context, radius + 4.5, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * cluster.overdue / cluster.n, token('--overdue'), 2);
  context.fillStyle = token('--text');
  context.font = `600 ${radius > 18 ? 13 : 12}px ${token('--font')}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(cluster.n, 0, 0.5);
  context.restore();
}

const SVG = 'http://www.w3.org/2000/svg';

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** @returns {SVGElement} the symbol of a case for lists and legends */
export function caseIcon({stage, severity, overdue}) {
  const points = cornersOf(severity).map(corner => corner.map(value => value.toFixed(1)).join()).join(' ');
  const shape = svg('polygon', {points, fill: `var(--stage-${stage})`});
  const late = overdue ? [svg('circle', {r: radiusOf(severity) + 3.5, fill: 'none', stroke: 'var(--overdue)', 'stroke-width': 2})] : [];
  return svg('svg', {viewBox: '-16 -16 32 32', class: 'case-icon', 'aria-hidden': 'true'}, ...late, shape);
}
