/** Web Mercator as a unit square: (0, 0) is the north-west corner of the world, (1, 1) the south-east. */

/** @param {[number, number]} lonlat degrees @returns {[number, number]} */
export function unitOf([lon, lat]) {
  const sine = Math.sin(lat * Math.PI / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

/** @param {[number, number]} unit @returns {[number, number]} lon, lat in degrees */
export function lonlatOf([u, v]) {
  return [(u - 0.5) * 360, Math.atan(Math.sinh(Math.PI * (1 - 2 * v))) * 180 / Math.PI];
}

/**
 * Turn a position inside a tile into the unit square.
 * @param {{z: number, x: number, y: number}} tile
 * @param {number} px position in the tile, 0…extent; may lie outside
 * @param {number} py
 * @param {number} extent the tile's own units, usually 4096
 * @returns {[number, number]}
 */
export function unitInTile(tile, px, py, extent) {
  const tiles = 2 ** tile.z;
  return [(tile.x + px / extent) / tiles, (tile.y + py / extent) / tiles];
}

/** @param {[number, number]} unit @param {number} z @returns {{z: number, x: number, y: number}} the tile there */
export function tileAt([u, v], z) {
  const tiles = 2 ** z;
  return {z, x: Math.floor(u * tiles), y: Math.floor(v * tiles)};
}

/** @returns {string} a key for maps and sets */
export const tileKey = ({z, x, y}) => `${z}/${x}/${y}`;

/** Tiles are drawn at about this side, in CSS pixels: twice the usual, so a map zoom shows the tiles of one zoom less. */
const SIDE = 512;
export const ZOOM_OFFSET = -1;

/**
 * The side of a tile at which a box just fits a window at a whole zoom, so that nothing is stretched.
 * @param {[number, number, number, number]} bbox west, south, east, north
 * @param {{x: number, y: number}} window CSS pixels
 * @returns {number} CSS pixels, even, within half a zoom of 512
 */
export function fittingSide([west, south, east, north], {x, y}) {
  const [left, bottom] = unitOf([west, south]);
  const [right, top] = unitOf([east, north]);
  const world = Math.min(Math.max(x, 1) / (right - left), Math.max(y, 1) / (bottom - top));
  if (!Number.isFinite(world)) return SIDE;
  const zoom = Math.round(Math.log2(world / SIDE));
  return 2 * Math.floor(world / 2 ** zoom / 2);
}
