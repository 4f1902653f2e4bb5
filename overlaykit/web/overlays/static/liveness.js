// How well this page does, for whoever looks after it: told to the server each second.
import { now } from "./clock.js";

const SLOW_FRAME_MS = 34; // two at 60 a second: one was dropped
const WINDOW_MS = 1000;

/** This page among all that are open: another name each time it is loaded. */
const page = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

let lags = [];
let frames = 0, dropped = 0, longTasks = 0, shifts = 0;
let last = 0, since = performance.now();
let shown = 0; // how often the page was hidden or shown: what waited meanwhile for a paint was not slow

/** A frame that the server began to render at `at` is in the page; what the viewer sees follows with the next paint. */
export function painted(at) {
  if (document.hidden) return;
  const began = Date.parse(at), seen = shown;
  requestAnimationFrame(() => {
    if (shown === seen) lags.push(now() - began);
  });
}

/**
 * How it is and what happened since the last report: page, width, height, visible, fps, dropped (animation frames that took
 * twice their time), long_tasks (over 50 ms), shift (layout shift score), lag_ms (the longest from rendering to painting, on the
 * server's clock; null: none), obs (whether a browser source of OBS shows it).
 */
export function report() {
  const span = performance.now() - since;
  const said = {
    page,
    width: window.innerWidth,
    height: window.innerHeight,
    visible: !document.hidden,
    obs: typeof window.obsstudio === "object",
    fps: Math.round((frames * WINDOW_MS) / span),
    dropped,
    long_tasks: longTasks,
    shift: Math.round(shifts * 1e4) / 1e4,
    lag_ms: lags.length ? Math.max(0, Math.round(Math.max(...lags))) : null,
  };
  lags = [];
  frames = dropped = longTasks = shifts = 0;
  since = performance.now();
  return said;
}

function tick(time) {
  frames += 1;
  if (last && time - last > SLOW_FRAME_MS) dropped += 1;
  last = time;
  requestAnimationFrame(tick);
}
requestAnimationFrame(tick);
document.addEventListener("visibilitychange", () => {
  last = 0;
  shown += 1;
});

function observe(type, each) {
  if (PerformanceObserver.supportedEntryTypes.includes(type)) {
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type });
  }
}
observe("longtask", () => { longTasks += 1; });
observe("layout-shift", (entry) => { shifts += entry.value; });
