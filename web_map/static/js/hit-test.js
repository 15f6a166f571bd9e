/** Which feature lies under a point of a tile. Pure. */

/**
 * @param {import('./tile-parts.js').TileFeature} feature
 * @param {{x: number, y: number}} point in tile units
 * @param {number} reach how far off a line or a dot still counts, in tile units
 * @returns {number | null} null if not hit; else a rank: dots 0, polygons by area, lines last
 */
export function hitRank({type, rings}, point, reach) {
  if (type === 1) return rings.some(([dot]) => apart(dot, point) <= reach) ? 0 : null;
  if (type === 2) return rings.some(line => nearLine(line, point, reach)) ? Infinity : null;
  return inside(rings, point) ? Math.abs(rings.reduce((sum, ring) => sum + signedArea(ring), 0)) : null;
}

const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

function nearLine(line, point, reach) {
  return line.some((end, index) => index > 0 && toSegment(point, line[index - 1], end) <= reach);
}

function toSegment(point, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length2 = dx * dx + dy * dy;
  const along = length2 ? ((point.x - a.x) * dx + (point.y - a.y) * dy) / length2 : 0;
  const t = Math.min(1, Math.max(0, along));
  return apart(point, {x: a.x + t * dx, y: a.y + t * dy});
}

/** Even-odd rule over all rings, so that holes are outside. */
function inside(rings, point) {
  let odd = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      if (crosses(ring[i], ring[j], point)) odd = !odd;
    }
  }
  return odd;
}

const crosses = (a, b, {x, y}) =>
  (a.y > y) !== (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x;

/** @param {{x: number, y: number}[]} ring @returns {number} the shoelace area, signed by the direction */
export function signedArea(ring) {
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    sum += (ring[j].x - ring[i].x) * (ring[i].y + ring[j].y);
  }
  return sum / 2;
}
