// The motion budget of the whole page: how much may move, how long it takes, and how often something may flash.
//
// No more than three flashes are seen in any second, whatever asks for them (WCAG 2.3.1); with calm motion one. Scenes
// come one at a time. What waited too long is left out: its text stands there anyway, and the moment has gone.

const html = document.documentElement;
const reduced = window.matchMedia("(prefers-reduced-motion: reduce)");
const FLASHES = { calm: 1, normal: 3, bold: 3 };
const FLASH_MS = 250;
const WINDOW_MS = 1000 + FLASH_MS; // no second may see the end of one flash and three more
const FLASH_PATIENCE_MS = 1000;
const SCENE_PATIENCE_MS = 8000;

let tokens = null; // read once: getComputedStyle in the middle of a morph would lay the page out again
const forgetTokens = () => { tokens = null; };
reduced.addEventListener("change", forgetTokens);
new MutationObserver(forgetTokens).observe(html, { attributes: true, attributeFilter: ["data-motion", "style"] });

function read() {
  if (tokens === null) {
    const style = getComputedStyle(html);
    const number = (name, otherwise) => {
      const found = parseFloat(style.getPropertyValue(name));
      return Number.isFinite(found) ? found : otherwise;
    };
    tokens = { scale: reduced.matches ? 0 : number("--motion-scale", 1), change: number("--motion-change", 300) };
  }
  return tokens;
}

/** How far things move: 0 not at all, 1 normally. */
export const scale = () => read().scale;

/** Milliseconds that a value takes to change: never above 300, so that what is seen is never long untrue. */
export const changeTime = () => Math.min(300, Math.max(0, read().change));

const begun = []; // when the flashes of the last window began
let flashes = []; // those that wait: { begin, end, since }
let flashTimer = 0;
const lit = new Map(); // those that are seen: end → the timer that calls it

/** Calls `begin()` as soon as the budget has room for a flash, and `end()` after 250 ms; neither when that is too late. */
export function flash(begin, end) {
  if (document.hidden || scale() === 0) return;
  flashes.push({ begin, end, since: performance.now() });
  spend();
}

function spend() {
  const at = performance.now();
  clearTimeout(flashTimer);
  flashes = flashes.filter(({ since }) => at - since <= FLASH_PATIENCE_MS);
  while (begun.length && at - begun[0] >= WINDOW_MS) begun.shift();
  const most = FLASHES[html.dataset.motion] ?? FLASHES.normal;
  while (flashes.length && begun.length < most) {
    begun.push(at);
    light(flashes.shift());
  }
  if (flashes.length) flashTimer = setTimeout(spend, WINDOW_MS - (at - begun[0]));
}

function light({ begin, end }) {
  clearTimeout(lit.get(end));
  lit.set(end, setTimeout(() => dim(end), FLASH_MS));
  begin();
}

function dim(end) {
  clearTimeout(lit.get(end));
  lit.delete(end);
  end();
}

let scenes = []; // those that wait: { begin, end, ms, since }
let onAir = null;
let sceneTimer = 0;

/** Plays a scene of `ms` alone: `begin()`, and `end()` when its time is over. Returns what takes it off early. */
export function scene({ begin, end, ms }) {
  const made = { begin, end, ms, since: performance.now() };
  if (!document.hidden) {
    scenes.push(made);
    raise();
  }
  return () => {
    scenes = scenes.filter((other) => other !== made);
    if (onAir === made) lower();
  };
}

function raise() {
  if (onAir !== null) return;
  scenes = scenes.filter(({ since }) => performance.now() - since <= SCENE_PATIENCE_MS);
  onAir = scenes.shift() ?? null;
  if (onAir === null) return;
  sceneTimer = setTimeout(lower, onAir.ms);
  onAir.begin();
}

function lower() {
  clearTimeout(sceneTimer);
  const over = onAir;
  onAir = null;
  over?.end();
  raise();
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return;
  flashes = [];
  scenes = [];
  clearTimeout(flashTimer);
  [...lit.keys()].forEach(dim);
  lower();
});

export { FLASH_MS };
