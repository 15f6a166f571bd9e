/** Finished tiles that left the map, kept for a while: zooming back asks and paints nothing. Bounded. Pure. */
import {tileKey} from './mercator.js';

const KEPT = 48;

export class TileShelf {
  #tiles = new Map();

  /** @param {{tile: {z: number, x: number, y: number}}} canvas with the tile that it shows */
  put(canvas) {
    this.#tiles.set(tileKey(canvas.tile), canvas);
    if (this.#tiles.size > KEPT) this.#tiles.delete(this.#tiles.keys().next().value);
  }

  /** @param {{z: number, x: number, y: number}} tile @returns {object | undefined} its canvas, which leaves the shelf */
  take(tile) {
    const key = tileKey(tile);
    const canvas = this.#tiles.get(key);
    this.#tiles.delete(key);
    return canvas;
  }

  /** Forget all: what they show is no longer so. */
  clear() {
    this.#tiles.clear();
  }
}
