/**
 * Crowded tiles: the server gathers their features in small cells with the number `n` of those in each; here
 * cells are brought together until there is room to write it. Pure.
 */

/** Marks along a side of a tile, so that few of them touch. */
const MARKS = 8;
/** No mark is set nearer to a tile's edge, in shares of its side: it would be cut off. */
const EDGE = 0.045;

/** @param {import('./tile-parts.js').TileFeature} feature @returns {boolean} whether it stands for several */
export const isGathered = ({type, properties}) => type === 1 && properties.n > 1;

/**
 * Bring the cells of a tile together; a tile that holds the features themselves stays as it is.
 * @param {{extent: number, features: import('./tile-parts.js').TileFeature[]}} part
 */
export function gather({extent, features}) {
  if (!features.some(isGathered)) return {extent, features};
  const marks = new Map();
  for (const feature of features) {
    const key = markAt(feature.rings[0][0], extent);
    if (marks.has(key)) marks.get(key).push(feature);
    else marks.set(key, [feature]);
  }
  return {extent, features: [...marks.values()].map(cells => (cells.length > 1 || isGathered(cells[0]) ? together(cells, extent) : cells[0]))};
}

const markAt = ({x, y}, extent) => Math.floor(y * MARKS / extent) * MARKS + Math.floor(x * MARKS / extent);

/** One mark in the middle of what it stands for. */
function together(cells, extent) {
  const n = sum(cells, () => 1);
  const middle = name => inside(sum(cells, ({rings}) => rings[0][0][name]) / n, extent);
  return {id: cells[0].id, type: 1, rings: [[{x: middle('x'), y: middle('y')}]], properties: {n}};
}

const sum = (cells, value) => cells.reduce((total, cell) => total + value(cell) * (cell.properties.n ?? 1), 0);
const inside = (at, extent) => Math.min(Math.max(at, EDGE * extent), (1 - EDGE) * extent);
