/** Tiles of cases that change by the second: which are shown, which are stale, what to fetch. Pure. */
import {tileAt, tileKey} from '../mercator.js';

/** Tiles kept beside the visible ones, for panning back. */
const KEPT = 60;

export class LiveTiles {
  /**
   * @param {object} parts
   * @param {(tile: object, signal: AbortSignal) => Promise<object[]>} parts.load
   * @param {(tile: object, startedAt: number) => void} parts.loaded
   * @param {(error: Error) => void} parts.failed
   * @param {() => number} [parts.now] milliseconds
   */
  constructor({load, loaded, failed, now = () => performance.now()}) {
    Object.assign(this, {load, loaded, failed, now, zoom: null, shown: [], shownZoom: null});
    this.entries = new Map();
    this.visible = [];
  }

  /** Show these tiles, all of one zoom; fetch those that are missing or stale. */
  show(tiles) {
    const keys = new Set(tiles.map(tileKey));
    this.visible = tiles.map(tile => this.#entry(tile));
    this.zoom = tiles[0]?.z ?? null;
    for (const [key, entry] of this.entries) {
      if (!keys.has(key)) this.#leave(key, entry);
    }
    this.refetch();
  }

  #entry(tile) {
    const key = tileKey(tile);
    const entry = this.entries.get(key) ?? {tile, features: null, stale: true, abort: null};
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry;
  }

  #leave(key, entry) {
    entry.abort?.abort();
    if (!entry.features || this.entries.size > this.visible.length + KEPT) this.entries.delete(key);
  }

  /** Mark the tiles that hold a place; without one, all. */
  markStale(unit) {
    for (const entry of this.entries.values()) {
      const at = unit && tileAt(unit, entry.tile.z);
      if (!at || (at.x === entry.tile.x && at.y === entry.tile.y)) entry.stale = true;
    }
  }

  /** Forget everything: the filter has changed. */
  clear() {
    for (const entry of this.entries.values()) entry.abort?.abort();
    this.entries.clear();
    this.shown = [];
    this.show(this.visible.map(({tile}) => tile));
  }

  /** Fetch the visible tiles that are stale. @returns {Promise<void>} when all have answered */
  async refetch() {
    await Promise.all(this.visible.filter(entry => entry.stale && !entry.abort).map(entry => this.#fetch(entry)));
  }

  async #fetch(entry) {
    const startedAt = this.now();
    entry.stale = false;
    entry.abort = new AbortController();
    try {
      entry.features = await this.load(entry.tile, entry.abort.signal);
      this.loaded(entry.tile, startedAt);
    } catch (error) {
      entry.stale = true;
      if (error.name !== 'AbortError') this.failed(error);
    } finally {
      entry.abort = null;
    }
  }

  /** What to draw: the loaded tiles; right after a zoom the former picture until the new one is whole. */
  features() {
    const ready = this.visible.filter(entry => entry.features);
    if (ready.length === this.visible.length || this.shownZoom === this.zoom) {
      this.shown = ready.flatMap(entry => entry.features);
      this.shownZoom = this.zoom;
    }
    return this.shown;
  }
}
