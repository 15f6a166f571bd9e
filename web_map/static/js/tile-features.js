/** What a tile's features look like at a zoom, and which of them lie under a point. */
import {markRadius, paintMarks} from './gathered-marks.js';
import {isGathered} from './gathering.js';
import {hitRank} from './hit-test.js';
import {styleOf} from './layer-style.js';
import {paintGroups} from './paint.js';
import {screenScale} from './theme.js';

const REACH_PX = 8;

/**
 * Draw one layer's part of a tile.
 * @param {CanvasRenderingContext2D} context
 * @param {import('./vector-tiles.js').Source} source
 * @param {{extent: number, features: object[]}} part
 * @param {{zoom: number, side: number}} tile its map zoom, and its side in CSS pixels
 */
export function drawPart(context, source, part, {zoom, side}) {
  const [scale, marks] = [side / part.extent, part.features.filter(isGathered)];
  paintGroups(context, grouped(source, part, zoom), {scale, dots: dotScale(zoom)});
  if (marks.length) paintMarks(context, source.collection, marks, scale);
}

/** Dots are small where many are in view. */
const dotScale = zoom => Math.min(1.4, Math.max(0.5, 1 + (zoom - 17) * 0.2)) * screenScale();

/** @returns {boolean} whether a place of the unit square lies in a tile */
export function inTile({z, x, y}, [u, v]) {
  return Math.floor(u * 2 ** z) === x && Math.floor(v * 2 ** z) === y;
}

/** @returns {{source: object, feature: object, rank: number}[]} */
export function hitsIn(source, part, tile, [u, v]) {
  const units = part.extent / tile.side;
  const at = {x: (u * 2 ** tile.z - tile.x) * part.extent, y: (v * 2 ** tile.z - tile.y) * part.extent};
  return part.features.flatMap(feature => {
    const style = styleOf(source, feature, tile.zoom);
    if (!style || style.interactive === false) return [];
    const radius = isGathered(feature) ? markRadius(feature) : style.radius ?? 0;
    const rank = hitRank(feature, at, Math.max(REACH_PX, radius) * units);
    return rank === null ? [] : [{source, feature, rank}];
  });
}

/** Styles are shared objects, so features that look alike meet under the same key. */
function grouped(source, {features}, zoom) {
  const groups = [new Map(), new Map(), new Map()];
  for (const feature of features) {
    const style = isGathered(feature) ? null : styleOf(source, feature, zoom);
    const group = groups[feature.type - 1];
    if (!style) continue;
    if (group.has(style)) group.get(style).push(feature);
    else group.set(style, [feature]);
  }
  return groups.reverse().flatMap(group => [...group]);
}
