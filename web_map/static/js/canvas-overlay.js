/** A canvas over the whole map that follows pan and zoom; what to draw on it is given. */
import {Browser, DomUtil, Renderer, point} from 'leaflet';
import {paintNever, paintSoon} from './paint-queue.js';
import {makePicture, paint} from './picture.js';

/** Tiles come one by one; a picture over the whole map is drawn this seldom. */
const EVERY_MS = 80;

/** Draws by options.draw(context, place, size); place turns the unit square into canvas pixels. */
export const CanvasOverlay = Renderer.extend({
  options: {padding: 0.15, draw: () => {}},

  _initContainer() {
    this._container = makePicture();
    this._container.style.pointerEvents = 'none';
  },

  _destroyContainer() {
    clearTimeout(this._timer);
    paintNever(this);
    this._container.remove();
    delete this._container;
  },

  // Leaflet's renderers listen to their own update with this; we draw in _update.
  _updatePaths() {},

  /** After a move the former picture, which moved along, stays until the new one is painted. */
  _update() {
    if (this._bounds) paintSoon(this, () => this._settle());
    else this._settle();
  },

  /** The map jumped: nothing moved along. */
  _reset() {
    this._settle();
  },

  /** Draw again soon, but not more often than so; a move that waits to be drawn is drawn too. */
  redraw() {
    clearTimeout(this._timer);
    const wait = (this._paintedAt ?? 0) + EVERY_MS - performance.now();
    this._timer = setTimeout(() => paintSoon(this, () => this._settle()), wait);
  },

  _settle() {
    if (!this._container || this._map._animatingZoom && this._bounds) return;
    Renderer.prototype._update.call(this);
    this._origin = this._map.getPixelOrigin().add(this._bounds.min);
    DomUtil.setPosition(this._container, this._bounds.min);
    this._paintedAt = performance.now();
    this._paint();
  },

  _paint() {
    const size = this._bounds.getSize();
    Object.assign(this._container.style, {width: `${size.x}px`, height: `${size.y}px`});
    const sheet = {width: size.x, height: size.y, ratio: Browser.retina ? 2 : 1};
    paint(this._container, sheet, context => this.options.draw(context, this.placing(), size));
  },

  /** @returns {(unit: [number, number]) => {x: number, y: number}} unit square to canvas pixels */
  placing() {
    const world = this._map.options.crs.scale(this._zoom);
    return ([u, v]) => point(u * world - this._origin.x, v * world - this._origin.y);
  },
});
