/** A canvas over the whole map that follows pan and zoom; what to draw on it is given. */
import {Browser, DomUtil, Renderer, point} from 'leaflet';

/** Draws by options.draw(context, place, size); place turns the unit square into canvas pixels. */
export const CanvasOverlay = Renderer.extend({
  options: {padding: 0.15, draw: () => {}},

  _initContainer() {
    this._container = document.createElement('canvas');
    this._container.style.pointerEvents = 'none';
  },

  _destroyContainer() {
    cancelAnimationFrame(this._frame);
    this._container.remove();
    delete this._container;
  },

  // Leaflet's renderers listen to their own update with this; we draw in _update.
  _updatePaths() {},

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const ratio = Browser.retina ? 2 : 1;
    this._origin = this._map.getPixelOrigin().add(this._bounds.min);
    DomUtil.setPosition(this._container, this._bounds.min);
    this._resize(size, ratio);
    this._paint();
  },

  _resize({x, y}, ratio) {
    const canvas = this._container;
    if (canvas.width === x * ratio && canvas.height === y * ratio) return;
    Object.assign(canvas, {width: x * ratio, height: y * ratio});
    Object.assign(canvas.style, {width: `${x}px`, height: `${y}px`});
    this._ratio = ratio;
  },

  /** Draw again at the next frame. */
  redraw() {
    cancelAnimationFrame(this._frame);
    this._frame = requestAnimationFrame(() => this._container && !this._map._animatingZoom && this._paint());
  },

  _paint() {
    const context = this._container.getContext('2d');
    context.setTransform(this._ratio, 0, 0, this._ratio, 0, 0);
    const size = this._bounds.getSize();
    context.clearRect(0, 0, size.x, size.y);
    this.options.draw(context, this.placing(), size);
  },

  /** @returns {(unit: [number, number]) => {x: number, y: number}} unit square to canvas pixels */
  placing() {
    const world = this._map.options.crs.scale(this._zoom);
    return ([u, v]) => point(u * world - this._origin.x, v * world - this._origin.y);
  },
});
