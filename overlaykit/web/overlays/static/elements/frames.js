// One animation frame for all elements: each step that asked for the next frame is called once in it.

const due = new Set();
let asked = 0;

/** Calls `step(now)` in the next frame, once, however often it was asked for. No frame comes while the page is hidden. */
export function nextFrame(step) {
  due.add(step);
  asked ||= requestAnimationFrame(run);
}

/** Takes that back. */
export function forget(step) {
  due.delete(step);
}

function run() {
  asked = 0;
  const steps = [...due];
  due.clear();
  const at = performance.now();
  for (const step of steps) {
    try {
      step(at);
    } catch (error) {
      reportError(error); // one element's trouble is not that of the others
    }
  }
}
