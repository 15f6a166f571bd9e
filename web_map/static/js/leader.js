/** One tab of a browser leads: it alone holds the event stream. */

const LEASE_S = 4;

/**
 * Call `start` in this tab once no other tab leads; `start` returns a function that stops it.
 * @param {string} name
 * @param {() => () => void} start
 */
export function lead(name, start) {
  if (navigator.locks) navigator.locks.request(name, () => new Promise(() => start()));
  else leadByLease(name, start);
}

/**
 * Plain http gives no Web Locks: a lease in localStorage, renewed each second, stands in. A hidden
 * tab whose timers the browser slows down loses its lease to a visible one, which is what we want.
 */
function leadByLease(name, start) {
  const key = `gis.lease.${name}`;
  const me = Math.random().toString(36).slice(2);
  let stop = null;
  const read = () => JSON.parse(localStorage.getItem(key) ?? 'null');
  const renew = () => localStorage.setItem(key, JSON.stringify({holder: me, until: Date.now() + LEASE_S * 1000}));
  const tick = () => {
    const lease = read();
    const mine = lease?.holder === me;
    if (stop && !mine && lease) { stop(); stop = null; }
    if (mine || !lease || lease.until < Date.now()) {
      renew();
      // Two tabs may have taken it at once: the one that wrote last keeps it, and sees so next time.
      if (mine) stop ??= start();
    }
  };
  tick();
  setInterval(tick, 1000);
  addEventListener('pagehide', () => { if (read()?.holder === me) localStorage.removeItem(key); });
}
