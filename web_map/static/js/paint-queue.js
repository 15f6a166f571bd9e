/** Spreads painting over frames: only so much in each that the map still moves. */

const BUDGET_MS = 8;
const waiting = new Map();
let frame = 0;

/**
 * Paint something in one of the next frames, once however often it is asked for.
 * @param {object} target what is painted
 * @param {() => void} act
 */
export function paintSoon(target, act) {
  waiting.set(target, act);
  frame ||= requestAnimationFrame(paintSome);
}

/** What has left the page need not be painted. @param {object} target */
export function paintNever(target) {
  waiting.delete(target);
}

function paintSome() {
  const until = performance.now() + BUDGET_MS;
  frame = 0;
  for (const [target, act] of waiting) {
    waiting.delete(target);
    act();
    if (performance.now() > until) break;
  }
  if (waiting.size) frame = requestAnimationFrame(paintSome);
}
