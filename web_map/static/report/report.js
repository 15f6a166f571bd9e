/* Drawn by the printed and stand-alone maps: one classic script, so that it can be inlined. */
'use strict';

window.gisReport = (() => {
  const lines = (feature, spec) => spec.properties
    .map(({name, title_zh: title}) => [title || name, feature.properties[name]])
    .filter(([, value]) => value !== null && value !== undefined && typeof value !== 'object');

  function described(feature, spec) {
    const box = document.createElement('dl');
    for (const [title, value] of lines(feature, spec)) {
      box.appendChild(document.createElement('dt')).textContent = title;
      box.appendChild(document.createElement('dd')).textContent = String(value);
    }
    return box;
  }

  /** Style a feature as its layer says, and let a click tell its properties as plain text. */
  function draw(spec) {
    return (feature, layer) => {
      const value = spec.by && String(feature.properties[spec.by]);
      const style = {...spec.style, ...(spec.symbols[value] || {})};
      // Leaflet's round markers are rings unless told otherwise.
      if (layer.setRadius) Object.assign(style, {fill: true, weight: 1.5, opacity: 1});
      if (layer.setStyle) layer.setStyle(style);
      if (layer.setRadius && style.radius) layer.setRadius(style.radius);
      layer.bindPopup(() => described(feature, spec));
      const name = feature.properties[spec.label];
      if (name) {
        layer.bindTooltip(() => {
          const text = document.createElement('span');
          text.textContent = String(name);
          return text;
        });
      }
    };
  }

  /** Refetch a live layer when it changes, at most once a second. */
  function follow(url, layers, clock) {
    const waiting = new Map();
    const refetch = async (id) => {
      waiting.delete(id);
      const reply = await fetch(layers[id].href);
      if (!reply.ok) return;
      const collection = await reply.json();
      layers[id].layer.clearLayers().addData(collection);
    };
    const later = (id) => {
      if (layers[id] && !waiting.has(id)) waiting.set(id, setTimeout(refetch, 1000, id));
    };
    const all = () => Object.keys(layers).forEach(later);
    const source = new EventSource(url);
    // Swedes write a moment as 2026-03-01 12:03:20, as the page says it before the first event.
    const seen = ({data}) => {
      const zone = {timeZone: clock.dataset.zone, hourCycle: 'h23'};
      clock.textContent = new Date(JSON.parse(data).at).toLocaleString('sv-SE', zone);
    };
    source.addEventListener('changes', (event) => {
      seen(event);
      for (const {layer} of JSON.parse(event.data).changes) later(layer);
    });
    source.addEventListener('heartbeat', seen);
    source.addEventListener('reset', all);
    source.addEventListener('open', all);
  }

  return {draw, follow};
})();
