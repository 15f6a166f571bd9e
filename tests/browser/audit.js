/** Tells what is wrong with what can be seen of a page, each as one line. */
() => {
  const seen = node => node.checkVisibility() && node.getClientRects().length > 0;
  const all = selector => [...document.querySelectorAll(selector)].filter(seen);
  const short = node => `${node.tagName.toLowerCase()}#${node.id}.${node.className} ${node.textContent.trim().slice(0, 30)}`;
  const named = node => (node.getAttribute('aria-label') || node.textContent || '').trim()
    || node.labels?.length || node.getAttribute('aria-labelledby');
  const faults = [];
  for (const node of all('a, button, input, select, summary, [role=region], [role=application]')) {
    if (!named(node)) faults.push(`without a name: ${short(node)}`);
  }
  const levels = all('h1, h2, h3').map(node => Number(node.tagName[1]));
  levels.forEach((level, at) => { if (level > (levels[at - 1] ?? 0) + 1) faults.push(`heading ${level} after ${levels[at - 1] ?? 0}`); });
  for (const node of all('a, button, input, select, summary')) {
    const {width, height} = node.getBoundingClientRect();
    const inText = getComputedStyle(node).display === 'inline';
    if (!inText && Math.min(width, height) < 24 && !node.closest('.leaflet-control')) faults.push(`smaller than 24 px: ${short(node)} ${width}x${height}`);
  }
  const part = value => { const s = value / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; };
  const parsed = text => (text.match(/[\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const [r, g, b, alpha = 1] = parsed(getComputedStyle(at).backgroundColor);
      if (alpha > 0.9) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const texts = all('main *, header *').filter(node => [...node.childNodes].some(c => c.nodeType === 3 && c.textContent.trim()) && !node.closest('.leaflet-container, .visually-hidden'));
  for (const node of texts) {
    const [one, other] = [light(parsed(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => b - a);
    if ((one + 0.05) / (other + 0.05) < 4.5) faults.push(`contrast ${((one + 0.05) / (other + 0.05)).toFixed(2)}: ${short(node)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`wider than the screen: ${document.documentElement.scrollWidth}`);
  for (const node of all('.table-frame, pre')) if (node.scrollWidth > node.clientWidth && node.tabIndex < 0) faults.push(`scrolls, but not by key: ${short(node)}`);
  return faults;
}
