/** Marks of gathered features: a ring in the layer's colour round their number. */
import {currentLanguage} from './i18n.js';
import {symbolStyle} from './layer-style.js';
import {screenScale, token} from './theme.js';

const LEAST_PX = 10;
const DIGIT_PX = 3.5;

/** @param {{properties: {n: number}}} mark @returns {number} its radius in CSS pixels, by the digits to hold */
export const markRadius = ({properties}) => (LEAST_PX + DIGIT_PX * (written(properties.n).length - 1)) * screenScale();

/**
 * Draw marks over what else a tile holds of their layer.
 * @param {CanvasRenderingContext2D} context
 * @param {object} collection as /collections describes it
 * @param {import('./tile-parts.js').TileFeature[]} marks
 * @param {number} scale canvas pixels per tile unit
 */
export function paintMarks(context, collection, marks, scale) {
  const {fillColor, color} = symbolStyle(collection);
  context.save();
  context.globalAlpha = 1;
  context.setLineDash([]);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.font = `600 ${11 * screenScale()}px ${token('--font')}`;
  for (const mark of marks) paintMark(context, mark, scale, fillColor ?? color);
  context.restore();
}

function paintMark(context, mark, scale, colour) {
  const [[{x, y}]] = mark.rings;
  context.beginPath();
  context.arc(x * scale, y * scale, markRadius(mark), 0, 2 * Math.PI);
  context.fillStyle = token('--surface');
  context.fill();
  context.strokeStyle = colour;
  context.lineWidth = 2 * screenScale();
  context.stroke();
  context.fillStyle = token('--text');
  context.fillText(written(mark.properties.n), x * scale, y * scale + 0.5);
}

/** From ten thousand on in short, as in 1.2万 or 12K. */
function written(n) {
  return new Intl.NumberFormat(currentLanguage(), n < 1e4 ? {useGrouping: false} : {notation: 'compact', maximumFractionDigits: 1}).format(n);
}
