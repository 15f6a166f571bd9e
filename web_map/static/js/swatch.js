/** A small picture of a style for legends. */
const SVG = 'http://www.w3.org/2000/svg';
const SHAPES = {
  Point: style => ['circle', {cx: 11, cy: 7, r: Math.min(5.5, style.radius)}],
  Line: () => ['path', {d: 'M1 10 L8 4 L14 9 L21 4', fill: 'none'}],
  Polygon: () => ['path', {d: 'M2 2 L19 1 L21 12 L4 13 Z'}],
};

/** @param {string} geometry as /collections names it, such as MULTIPOLYGON @param {object} style Leaflet path options */
export function swatch(geometry, style) {
  const kind = Object.keys(SHAPES).find(name => geometry.toUpperCase().includes(name.toUpperCase())) ?? 'Point';
  const [tag, place] = SHAPES[kind](style);
  const svg = document.createElementNS(SVG, 'svg');
  const shape = document.createElementNS(SVG, tag);
  const filled = style.fill ?? kind !== 'Line';
  setAll(svg, {viewBox: '0 0 22 14', class: 'swatch', 'aria-hidden': 'true'});
  setAll(shape, {
    fill: filled ? style.fillColor ?? style.color : 'none', 'fill-opacity': style.fillOpacity,
    stroke: style.stroke === false ? 'none' : style.color, 'stroke-width': Math.min(4, style.weight),
    'stroke-dasharray': style.dashArray ?? 'none', ...place,
  });
  svg.append(shape);
  return svg;
}

function setAll(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}
