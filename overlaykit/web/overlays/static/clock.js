// The server's clock, as this page knows it. The page's own clock may be wrong by hours: it is never asked.

const KEPT_MS = 120000;
const SLACK_MS = 1; // server times are cut to whole milliseconds

let samples = [];
let offset = Date.parse(document.documentElement.dataset.serverTime) - performance.now();
const delay = Number(document.documentElement.dataset.streamDelay ?? 0); // ms by which its audience sees this picture late
const listeners = new Set();

/** Milliseconds since 1970 on the server's clock. */
export function now() {
  return performance.now() + offset;
}

/** What the server's clock will say when the audience sees what is painted now. */
export function seen() {
  return now() + delay;
}

/** One ping: when it left (performance.now()), and what the server's clock said in between. The fastest one counts. */
export function learn(left, serverTime) {
  const at = performance.now();
  const half = (at - left) / 2;
  const found = { at, half, offset: Date.parse(serverTime) + SLACK_MS / 2 + half - at };
  const best = fastest();
  // Two honest samples agree within half their round trips. If not, a clock was set, or this machine slept.
  if (best && Math.abs(best.offset - found.offset) > best.half + found.half + SLACK_MS) samples = [];
  samples = samples.filter((sample) => at - sample.at < KEPT_MS).slice(-40);
  samples.push(found);
  const next = fastest().offset;
  if (next === offset) return;
  offset = next;
  listeners.forEach((listener) => listener());
}

/** Calls `listener` whenever the clock was corrected; returns what ends it. */
export function onCorrection(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function fastest() {
  return samples.reduce((best, sample) => (best && best.half <= sample.half ? best : sample), null);
}
