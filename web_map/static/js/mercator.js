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
