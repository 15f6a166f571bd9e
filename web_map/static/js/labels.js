/** Names on the map, for layers whose own module says what to write and when. */
import {CanvasOverlay} from './canvas-overlay.js';
import {signedArea} from './hit-test.js';
import {fitting} from './label-layout.js';
import {unitInTile} from './mercator.js';
import {screenScale, token} from './theme.js';

/**
 * Write the labels of what the tiles hold over the map.
 * @param {import('leaflet').Map} map
 * @param {object} vectorTiles see vector-tiles.js
 */
export function addLabels(map, vectorTiles) {
  map.createPane('labels').style.zIndex = 440;
  const overlay = new CanvasOverlay({pane: 'labels', draw: (context, place, size) => drawLabels(context, place, size, vectorTiles)});
  overlay.addTo(map);
  let timer;
  const later = () => { clearTimeout(timer); timer = setTimeout(() => overlay.redraw(), 120); };
  vectorTiles.on('drawn', later);
  for (const event of ['theme', 'words']) document.addEventListener(event, later);
}

function drawLabels(context, place, size, vectorTiles) {
  const zoom = vectorTiles._map.getZoom();
  const labels = [...anchors(vectorTiles, zoom).values()].map(anchor => measured(context, place, anchor));
  const inside = labels.filter(({x, y}) => x > 0 && y > 0 && x < size.x && y < size.y);
  context.lineJoin = 'round';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const label of fitting(inside)) write(context, label);
}

/** One anchor per feature: the weighted centre of its pieces in all tiles. */
function anchors(vectorTiles, zoom) {
  const found = new Map();
  for (const {tile, source, part} of vectorTiles.drawnParts()) {
    for (const feature of source.behaviour?.labelOf ? part.features : []) {
      const label = source.behaviour.labelOf(feature.properties, zoom);
      if (label) addPiece(found, `${source.id}/${feature.id}`, label, pieceOf(feature, tile, part.extent));
    }
  }
  return found;
}

function addPiece(found, key, label, {weight, unit: [u, v]}) {
  const sum = found.get(key) ?? {label, weight: 0, u: 0, v: 0};
  found.set(key, {label, weight: sum.weight + weight, u: sum.u + u * weight, v: sum.v + v * weight});
}

function pieceOf({rings}, tile, extent) {
  const outer = rings.reduce((best, ring) => (Math.abs(signedArea(ring)) > Math.abs(signedArea(best)) ? ring : best));
  const {x, y} = centroid(outer);
  const share = Math.abs(signedArea(outer)) / 4 ** tile.z;
  return {weight: Math.max(share, 1e-18), unit: unitInTile(tile, x, y, extent)};
}

function centroid(ring) {
  let [x, y, sum] = [0, 0, 0];
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const cross = ring[j].x * ring[i].y - ring[i].x * ring[j].y;
    x += (ring[i].x + ring[j].x) * cross;
    y += (ring[i].y + ring[j].y) * cross;
    sum += cross;
  }
  return sum ? {x: x / (3 * sum), y: y / (3 * sum)} : ring[0];
}

function measured(context, place, {label, weight, u, v}) {
  const size = label.size * screenScale();
  const font = `${label.weight ?? 500} ${size}px ${token('--font')}`;
  context.font = font;
  const {x, y} = place([u / weight, v / weight]);
  return {...label, font, x, y, width: context.measureText(label.text).width, height: size};
}

function write(context, {text, x, y, font, quiet}) {
  context.font = font;
  context.lineWidth = 3;
  context.strokeStyle = token('--halo');
  context.fillStyle = token(quiet ? '--label-quiet' : '--label');
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}
