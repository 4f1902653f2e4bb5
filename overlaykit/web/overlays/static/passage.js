// How keyed nodes come and go. A node with `data-key` that appears while the page is live has `data-entering` until the
// animations that a theme gives it are over; one that goes has `data-leaving`, and stays for as long as it is animated.
import { stage } from "./stage.js";

/** Attributes that the server knows nothing of, and that a morph leaves alone. */
export const OURS = new Set(["data-entering", "data-leaving"]);
/** Nodes that are still seen and belong to the picture no more. */
export const leaving = new Set();

/** Nodes that came with the frame that is being painted, and brought all within them. */
export const arrived = new WeakSet();

const LONGEST_MS = 1500;
let count = 0;

/** A node came. */
export function enter(node) {
  if (!stage.live) return;
  arrived.add(node);
  queueMicrotask(() => arrived.delete(node));
  if (!node.dataset?.key) return;
  node.setAttribute("data-entering", "");
  requestAnimationFrame(() => settled(node).then(() => node.removeAttribute("data-entering")));
}

/** A node is about to go. Returns whether it stays a while, because the theme animates `[data-leaving]`. */
export function keepLeaving(node) {
  if (leaving.has(node)) return true;
  if (!stage.live || !node.dataset?.key) return false;
  node.setAttribute("data-leaving", "");
  if (!node.getAnimations().length) return false;
  leaving.add(node);
  forget(node);
  settled(node).then(() => {
    leaving.delete(node);
    node.remove();
  });
  return true;
}

// What leaves must not be taken for what stays: its ids and keys are its own now, and nobody reads it aloud.
function forget(node) {
  for (const named of [node, ...node.querySelectorAll("[id], [data-live]")]) {
    named.id = "leaving:" + ++count;
    delete named.dataset.live;
  }
  node.setAttribute("aria-hidden", "true");
}

function settled(node) {
  const over = Promise.allSettled(node.getAnimations().map((animation) => animation.finished));
  return Promise.race([over, new Promise((resolve) => setTimeout(resolve, LONGEST_MS))]);
}
