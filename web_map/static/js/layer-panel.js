/** Layer switcher and legend in one, drawn from what /collections describes. */
import {element} from './element.js';
import {t, titleOf} from './i18n.js';
import {symbolStyle} from './layer-style.js';
import {swatch} from './swatch.js';
import {ZOOM_OFFSET} from './mercator.js';

/**
 * @param {HTMLElement} node
 * @param {object} parts
 * @param {import('leaflet').Map} parts.map
 * @param {import('./vector-tiles.js').Source[]} parts.sources
 * @param {(source: object) => void} parts.switched
 */
export function showLayerPanel(node, {map, sources, switched}) {
  const open = matchMedia('(min-height: 800px)').matches;
  const render = () => {
    const wasOpen = node.querySelector('details')?.open ?? open;
    node.replaceChildren(element('details', {open: wasOpen},
      element('summary.panel-head', {'aria-keyshortcuts': 'l'}, element('h2', {}, t('layers.title'))),
      element('ul.layer-list', {}, ...[...sources].reverse().map(source => layerLine(source, switched)))));
    noteZoom(node, map, sources);
  };
  for (const event of ['words', 'theme']) document.addEventListener(event, render);
  map.on('zoomend', () => noteZoom(node, map, sources));
  render();
}

/** Say beside a layer that it begins further in. */
function noteZoom(node, map, sources) {
  for (const {id, collection} of sources) {
    const waits = !collection.live && Math.round(map.getZoom()) + ZOOM_OFFSET < (collection.minzoom ?? 0);
    node.querySelector(`[data-layer="${id}"]`).toggleAttribute('data-waits', waits);
  }
}

function layerLine(source, switched) {
  const {collection} = source;
  const change = event => { source.visible = event.target.checked; switched(source); };
  const box = element('input', {type: 'checkbox', checked: source.visible, onchange: change});
  const label = element('label.layer', {}, box, ...symbolOf(source), element('span.ellipsis', {title: titleOf(collection)}, titleOf(collection)), element('span.layer-note.muted.small', {}, t('layers.zoom')));
  return element('li', {data: {layer: source.id}}, label, legendOf(source));
}

const symbolOf = ({collection, behaviour}) =>
  (collection.legend?.length || behaviour?.legend ? [] : [swatch(collection.geometry, symbolStyle(collection))]);

function legendOf({collection, behaviour}) {
  const lines = behaviour?.legend?.() ?? (collection.legend ?? []).map(line => ({
    symbol: swatch(collection.geometry, symbolStyle(collection, line.value)), label: titleOf(line, 'label'),
  }));
  if (!lines.length) return null;
  return element('ul.legend', {}, ...lines.map(({symbol, label}) => element('li', {title: label}, symbol, element('span.ellipsis', {}, label))));
}
