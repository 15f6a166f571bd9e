/** Live cases on the map: clusters from the database, fresh cases on top, one canvas. */
import {latLngBounds} from 'leaflet';
import {getTile} from '../api.js';
import {CanvasOverlay} from '../canvas-overlay.js';
import {bboxText, fromLeaflet, toLeaflet} from '../lonlat.js';
import {ZOOM_OFFSET, lonlatOf, tileAt, unitInTile, unitOf} from '../mercator.js';
import {screenScale} from '../theme.js';
import {decodeTile} from '../tile-parts.js';
import {isOverdue} from './entry.js';
import {FreshCases} from './fresh-cases.js';
import {LiveTiles} from './live-tiles.js';
import {STAGES, clusterRadius} from './shapes.js';
import {drawCase, drawCluster} from './symbols.js';

const ROUND_MS = 1500;
/** Part of the time that fetching stale tiles may take: new cases show at once without it. */
const SHARE = 0.25;
const REACH_PX = 12;

export class CaseLayer {
  /**
   * @param {import('leaflet').Map} map
   * @param {{id: string, filters: import('./filters.js').Filters, failed: (error: Error) => void, loaded: () => void}} parts
   */
  constructor(map, {id, filters, failed, loaded}) {
    Object.assign(this, {map, filters, fresh: new FreshCases(), visible: true});
    map.createPane('cases').style.zIndex = 450;
    this.overlay = new CanvasOverlay({pane: 'cases', draw: (context, place) => this.#draw(context, place)});
    this.tiles = new LiveTiles({
      failed,
      load: async (tile, signal) => readCases(await getTile(id, tile, {query: filters.query(), signal, priority: 'high'}), id, tile),
      loaded: (tile, startedAt) => { this.fresh.covered(tile, startedAt); this.overlay.redraw(); loaded(); },
    });
    this.overlay.addTo(map);
    map.on('moveend', () => this.#show());
    filters.addEventListener('change', () => { this.fresh.clear(); this.tiles.clear(); this.overlay.redraw(); });
    document.addEventListener('theme', () => this.overlay.redraw());
    this.#show();
    this.#keepFetching();
  }

  setVisible(visible) {
    this.visible = visible;
    this.overlay.redraw();
  }

  /** Show a case at once, if the filter finds it; the next tile takes it over. @param {object} feature GeoJSON @param {boolean} shown */
  put({id, geometry, properties}, shown) {
    if (!geometry) return;
    const unit = unitOf(geometry.coordinates);
    this.tiles.markStale(unit);
    if (shown) this.fresh.add({...properties, overdue: isOverdue(properties, Date.now()), id, unit, n: 1}, performance.now());
    else this.fresh.remove(id);
    this.overlay.redraw();
  }

  /** Fetch all visible tiles again. */
  refresh() {
    this.fresh.age(properties => isOverdue({...properties, overdue: undefined}, Date.now()));
    this.tiles.markStale();
    return this.tiles.refetch();
  }

  /** @param {import('leaflet').LatLng} latlng @returns {object | null} the case or cluster there */
  hit(latlng) {
    if (!this.visible) return null;
    const at = this.#pixel(unitOf(fromLeaflet(latlng)));
    const near = this.#features().map(feature => ({feature, apart: this.#pixel(feature.unit).distanceTo(at)}));
    const reached = near.filter(({feature, apart}) => apart <= reachOf(feature) * screenScale());
    return reached.sort((a, b) => a.apart - b.apart)[0]?.feature ?? null;
  }

  /** @returns {string} the box that a cluster's symbol covers */
  boxOf({unit, n}) {
    const centre = this.#pixel(unit);
    const half = clusterRadius(n) * screenScale();
    const corners = [-half, half].map(by => this.map.layerPointToLatLng(centre.add([by, by])));
    return bboxText(latLngBounds(corners));
  }

  #features() {
    return [...this.tiles.features(), ...this.fresh.all()];
  }

  #pixel([u, v]) {
    return this.map.latLngToLayerPoint(toLeaflet(lonlatOf([u, v])));
  }

  #show() {
    const z = Math.round(this.map.getZoom()) + ZOOM_OFFSET;
    const bounds = this.map.getBounds().pad(0.05);
    const [from, to] = [bounds.getNorthWest(), bounds.getSouthEast()].map(corner => tileAt(unitOf(fromLeaflet(corner)), z));
    const tiles = [];
    for (let x = from.x; x <= to.x; x += 1) {
      for (let y = from.y; y <= to.y; y += 1) tiles.push({z, x, y});
    }
    this.tiles.show(tiles);
  }

  /** Fetch stale tiles again and again, the slower the server the more seldom. */
  async #keepFetching() {
    for (;;) {
      const startedAt = performance.now();
      if (!document.hidden) await this.tiles.refetch();
      await pause(Math.max(ROUND_MS, (performance.now() - startedAt) / SHARE));
    }
  }

  #draw(context, place) {
    if (!this.visible) return;
    for (const feature of this.#features()) (feature.n > 1 ? drawCluster : drawCase)(context, place(feature.unit), feature);
  }
}

const reachOf = ({n}) => (n > 1 ? clusterRadius(n) + 4 : REACH_PX);
const pause = ms => new Promise(resume => { setTimeout(resume, ms); });

function readCases(bytes, id, tile) {
  const {extent, features} = decodeTile(bytes, id);
  return features.map(feature => {
    const [[{x, y}]] = feature.rings;
    const {properties} = feature;
    const open = STAGES.slice(0, -1).map(stage => properties[`stage_${stage}`] ?? 0);
    const stages = [...open, properties.n - open.reduce((sum, count) => sum + count, 0)];
    return {...properties, id: feature.id, unit: unitInTile(tile, x, y, extent), stages};
  });
}
