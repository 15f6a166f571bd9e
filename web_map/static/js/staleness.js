/** How far the data on the wall may be trusted. Pure. */

/**
 * Seconds of tolerance while the stream is open: a heartbeat is due every 15 s, and one that is
 * on its way must not turn the light amber four times a minute.
 */
const TOLERANCE_S = 3;

/**
 * @param {{ageS: number, connected: boolean}} now seconds since the last word from the server
 * @param {{amberS: number, redS: number}} limits
 * @returns {'fresh' | 'amber' | 'red'}
 */
export function staleness({ageS, connected}, {amberS, redS}) {
  if (ageS >= redS) return 'red';
  return ageS >= amberS + (connected ? TOLERANCE_S : 0) ? 'amber' : 'fresh';
}
