/** All layers that do not change by the second, on one canvas per tile. */
import {GridLayer} from 'leaflet';
import {ZOOM_OFFSET, unitOf} from './mercator.js';
import {paintNever, paintSoon} from './paint-queue.js';
import {makePicture, paint} from './picture.js';
import {drawPart, hitsIn, inTile} from './tile-features.js';
import {fetchPart} from './tile-parts.js';
import {TileShelf} from './tile-shelf.js';

/** So long a tile waits for the rest of its parts before it is drawn without them. */
const PATIENCE_MS = 300;

/**
 * @typedef {object} Source one layer to draw
 * @property {string} id
 * @property {object} collection as /collections describes it
 * @property {boolean} visible
 * @property {object} [behaviour] the layer's own module
 * @property {(tile: object, signal: AbortSignal) => Promise<ArrayBuffer | null>} [fetchTile]
 */
export const VectorTiles = GridLayer.extend({
  options: {updateWhenZooming: false, keepBuffer: 1},

  /** @param {Source[]} sources in drawing order */
  initialize(sources, options) {
    GridLayer.prototype.initialize.call(this, options);
    this.sources = sources;
    this._shelf = new TileShelf();
    this.on('tileunload', this._release, this);
  },

  onAdd(map) {
    this.options.tileSize = map.options.crs.tileSide;
    return GridLayer.prototype.onAdd.call(this, map);
  },

  /** Until `done` Leaflet shows the tiles of the former zoom. */
  createTile(coords, done) {
    const tile = {z: coords.z + ZOOM_OFFSET, x: coords.x, y: coords.y, zoom: coords.z};
    const kept = this._shelf.take(tile);
    const canvas = kept ?? makePicture();
    canvas.className = '';
    canvas.tile = {...tile, side: this.options.tileSize, parts: kept?.tile.parts ?? new Map(), pending: 0, done, drawnAt: performance.now(), abort: new AbortController()};
    if (kept) requestAnimationFrame(() => this._finish(canvas));
    else this._show(canvas);
    return canvas;
  },

  /**
   * Fetch what is missing and draw again: after a layer was switched, failed, or changed.
   * @param {string[]} [changed] ids of layers to fetch anew
   */
  refresh(changed = []) {
    this._shelf.clear();
    for (const canvas of this.canvases()) {
      for (const id of changed) Object.assign(canvas.tile.parts.get(id) ?? {}, {stale: true});
      this._show(canvas);
    }
  },

  canvases() { return Object.values(this._tiles ?? {}).map(({el}) => el); },

  /** @returns {{source: Source, feature: object}[]} what lies at a place, smallest first */
  hits(lonlat) {
    const unit = unitOf(lonlat);
    const canvas = this.canvases().find(({tile}) => tile.zoom === this._tileZoom && inTile(tile, unit));
    if (!canvas) return [];
    const found = this._drawn(canvas.tile).flatMap(({source, part}) => hitsIn(source, part, canvas.tile, unit));
    return found.sort((a, b) => a.rank - b.rank);
  },

  /** @returns {{tile: object, source: Source, part: object}[]} all that is drawn at the present zoom */
  drawnParts() {
    const tiles = this.canvases().map(canvas => canvas.tile).filter(tile => tile.zoom === this._tileZoom);
    return tiles.flatMap(tile => this._drawn(tile).map(drawn => ({tile, ...drawn})));
  },

  _drawn(tile) {
    const shown = this.sources.filter(source => source.visible && tile.parts.get(source.id)?.features);
    return shown.map(source => ({source, part: tile.parts.get(source.id)}));
  },

  _show(canvas) {
    const {tile} = canvas;
    for (const source of this.sources) {
      const wanted = source.visible && tile.z >= (source.collection.minzoom ?? 0);
      const part = tile.parts.get(source.id);
      if (wanted && (!part || part.stale)) this._fetch(canvas, tile, source);
    }
    this._draw(canvas);
  },

  async _fetch(canvas, tile, source) {
    tile.parts.set(source.id, {...tile.parts.get(source.id), stale: false});
    tile.pending += 1;
    try {
      tile.parts.set(source.id, await fetchPart(source, tile));
      this.fire('layerload', {source});
    } catch (error) {
      if (error.name === 'AbortError') return;
      tile.parts.get(source.id).stale = true;
      this.fire('layerfailed', {source, error});
    } finally {
      tile.pending -= 1;
      if (!tile.abort.signal.aborted) this._draw(canvas);
    }
  },

  /** Draw a tile that is whole at once, another after a while without what is still on its way. */
  _draw(canvas) {
    const {tile} = canvas;
    clearTimeout(tile.timer);
    const wait = tile.pending ? tile.drawnAt + PATIENCE_MS - performance.now() : 0;
    tile.timer = setTimeout(() => paintSoon(canvas, () => this._paint(canvas)), wait);
  },

  _paint(canvas) {
    const {tile} = canvas;
    tile.drawnAt = performance.now();
    paint(canvas, {width: tile.side, height: tile.side, ratio: Math.min(devicePixelRatio || 1, 2)}, context => {
      for (const {source, part} of this._drawn(tile)) drawPart(context, source, part, tile);
    });
    this._finish(canvas);
  },

  _finish({tile}) {
    const {done} = tile;
    tile.done = null;
    done?.(null);
    this.fire('drawn');
  },

  /** Leaflet calls this when the zoom has changed: what was never shown will not be wanted. */
  _abortLoading() {
    for (const [key, {el, coords}] of Object.entries(this._tiles)) {
      if (coords.z !== this._tileZoom && el.tile.done) this._removeTile(key);
    }
  },

  _release({tile: canvas}) {
    const {tile} = canvas;
    clearTimeout(tile.timer);
    paintNever(canvas);
    tile.abort.abort();
    if (isWhole(tile)) this._shelf.put(canvas);
  },
});

const isWhole = ({done, pending, parts}) => !done && !pending && [...parts.values()].every(({stale}) => !stale);
