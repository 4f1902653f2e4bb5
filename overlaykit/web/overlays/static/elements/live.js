// What live elements have in common: they draw once a frame at most, and know whether a change may be seen to move.
import { stage } from "../stage.js";
import { forget, nextFrame } from "./frames.js";
import { scale } from "./motion.js";

export function sheet(css) {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

export function shadow(host, style, html) {
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [style];
  root.innerHTML = html;
  return root;
}

/**
 * An element that shows a value of the board. A subclass observes "data-key" beside its own attributes, and draws in
 * `draw(moves)`: `moves` is true when both the value before and this one are of the same key and motion is wanted.
 */
export class LiveElement extends HTMLElement {
  #key = null;
  #jumps = true;
  #present = false;
  #step = () => this.#draw();

  connectedCallback() {
    this.#present = true;
    this.#jumps = true;
    this.#draw();
  }

  disconnectedCallback() {
    this.#present = false;
    forget(this.#step);
  }

  attributeChangedCallback() {
    if (!this.#present) return;
    if (!stage.live) this.#jumps = true;
    nextFrame(this.#step);
  }

  /** The number an attribute says; NaN when it is not known. */
  figure(name) {
    const text = this.getAttribute(name);
    return text ? Number(text) : NaN;
  }

  #draw() {
    const key = this.dataset.key || null;
    const moves = !this.#jumps && key !== null && key === this.#key && !document.hidden && scale() > 0;
    this.#key = key;
    this.#jumps = false;
    this.draw(moves);
  }
}
