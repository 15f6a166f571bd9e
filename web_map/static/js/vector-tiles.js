/** All layers that do not change by the second, on one canvas per tile. */
import {GridLayer} from 'leaflet';
import {getTile} from './api.js';
import {unitOf} from './mercator.js';
import {makePicture, paint} from './picture.js';
import {drawPart, hitsIn, inTile} from './tile-features.js';
import {decodeTile} from './tile-parts.js';

/** Tiles are drawn at about twice 256 px, so a map zoom shows the tiles of one zoom less. */
export const ZOOM_OFFSET = -1;
const POOLED = 48;
/** While parts of a tile are still on their way it is drawn this seldom. */
const DRAW_MS = 150;
/** So long a tile waits to be whole before it replaces those of the former zoom. */
const PATIENCE_MS = 400;

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
    this._pool = [];
    this.on('tileunload', this._release, this);
  },

  onAdd(map) {
    this.options.tileSize = map.options.crs.tileSide;
    return GridLayer.prototype.onAdd.call(this, map);
  },

  /** Until `done` Leaflet shows the tiles of the former zoom. */
  createTile(coords, done) {
    const canvas = this._pool.pop() ?? makePicture();
    canvas.className = '';
    canvas.tile = {z: coords.z + ZOOM_OFFSET, x: coords.x, y: coords.y, zoom: coords.z, side: this.options.tileSize, parts: new Map(), pending: 0, done, drawnAt: performance.now(), bornAt: performance.now(), abort: new AbortController()};
    paint(canvas, {width: 1, height: 1, ratio: 1}, () => {});
    this._fill(canvas);
    this._draw(canvas);
    return canvas;
  },

  /**
   * Fetch what is missing and draw again: after a layer was switched, failed, or changed.
   * @param {string[]} [changed] ids of layers to fetch anew
   */
  refresh(changed = []) {
    for (const canvas of this.canvases()) {
      for (const id of changed) Object.assign(canvas.tile.parts.get(id) ?? {}, {stale: true});
      this._fill(canvas);
      this._draw(canvas);
    }
  },

  canvases() {
    return Object.values(this._tiles ?? {}).map(({el}) => el);
  },

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

  _fill(canvas) {
    const {tile} = canvas;
    for (const source of this.sources) {
      const wanted = source.visible && tile.z >= (source.collection.minzoom ?? 0);
      const part = tile.parts.get(source.id);
      if (wanted && (!part || part.stale)) this._fetch(canvas, tile, source);
    }
  },

  async _fetch(canvas, tile, source) {
    tile.parts.set(source.id, {...tile.parts.get(source.id), stale: false});
    tile.pending += 1;
    try {
      const fetchTile = source.fetchTile ?? ((where, signal) => getTile(source.id, where, {signal}));
      tile.parts.set(source.id, decodeTile(await fetchTile(tile, tile.abort.signal), source.fetchTile ? undefined : source.id));
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

  _draw(canvas) {
    const {tile} = canvas;
    clearTimeout(tile.timer);
    const wait = tile.pending ? Math.max(0, tile.drawnAt + DRAW_MS - performance.now()) : 0;
    tile.timer = setTimeout(() => {
      tile.drawnAt = performance.now();
      paint(canvas, {width: tile.side, height: tile.side, ratio: Math.min(devicePixelRatio || 1, 2)}, context => {
        for (const {source, part} of this._drawn(tile)) drawPart(context, source, part, tile);
      });
      this.fire('drawn');
      if (!tile.pending || tile.drawnAt - tile.bornAt > PATIENCE_MS) this._finish(canvas);
    }, wait);
  },

  _finish({tile}) {
    const {done} = tile;
    tile.done = null;
    done?.(null);
  },

  _release({tile: canvas}) {
    canvas.tile.abort.abort();
    clearTimeout(canvas.tile.timer);
    if (this._pool.length < POOLED) this._pool.push(canvas);
  },
});
