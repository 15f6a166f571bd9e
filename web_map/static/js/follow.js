/** From the server's events to what must be fetched again. */
import {watchEvents} from './events.js';

/** A changed register is fetched after so long, so that an import is fetched once. */
const RELOAD_LAYER_MS = 2000;

/**
 * @param {Map<string, {changed: (changes: object[]) => void, refresh: () => void}>} live layers that change by the second
 * @param {object} tiles see vector-tiles.js
 * @param {import('./data-age.js').DataAge} age
 */
export function follow(live, tiles, age) {
  let broken = false;
  const refreshLive = () => { for (const layer of live.values()) layer.refresh(); };
  const timers = new Map();
  const reloadSoon = id => {
    clearTimeout(timers.get(id));
    timers.set(id, setTimeout(() => tiles.refresh([id]), RELOAD_LAYER_MS));
  };
  const receive = {
    open: () => { if (broken) { refreshLive(); tiles.refresh(); } broken = false; age.heard(); },
    lost: () => { broken = true; age.lost(); },
    heartbeat: ({data}) => age.heard(data.at),
    reset: ({data}) => { refreshLive(); tiles.refresh(tiles.sources.map(({id}) => id)); age.heard(data.at); },
    changes: ({data}) => {
      age.heard(data.at);
      for (const [layer, changes] of byLayer(data.changes)) live.has(layer) ? live.get(layer).changed(changes) : reloadSoon(layer);
    },
  };
  watchEvents('/events', message => receive[message.type]?.(message));
}

function byLayer(changes) {
  const groups = new Map();
  for (const change of changes) groups.set(change.layer, [...(groups.get(change.layer) ?? []), change]);
  return groups;
}
