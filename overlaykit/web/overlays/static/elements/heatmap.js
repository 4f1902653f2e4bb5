import { shadow, sheet } from "./live.js";
import { forget, nextFrame } from "./frames.js";

const NARROWEST_WITH_DETAIL = 52; // CSS pixels

const style = sheet(`
  :host { display: block; }
  .grid { width: 100%; height: 100%; display: grid; gap: var(--cell-gap, 0.35vmin); }
`);

/**
 * <ok-heatmap>: lays its children out in the grid that makes them largest. Part `grid`. For the cells it sets --cell, the
 * smaller side of one in pixels, and --cell-detail, `none` while there is no room for a second line.
 */
class OkHeatmap extends HTMLElement {
  #grid; #watch = null;
  #step = () => this.#lay();

  constructor() {
    super();
    const root = shadow(this, style, '<div class="grid" part="grid"><slot></slot></div>');
    this.#grid = root.firstElementChild;
    root.querySelector("slot").addEventListener("slotchange", () => nextFrame(this.#step));
  }

  connectedCallback() {
    this.#watch = new ResizeObserver(() => nextFrame(this.#step));
    this.#watch.observe(this);
    this.#lay();
  }

  disconnectedCallback() {
    this.#watch?.disconnect();
    forget(this.#step);
  }

  #lay() {
    const count = this.childElementCount;
    const { clientWidth: width, clientHeight: height } = this;
    if (!count || !width || !height) return;
    const shape = parseFloat(getComputedStyle(this).getPropertyValue("--cell-shape")) || 1.25;
    const side = (columns) => Math.min(width / columns, (height / Math.ceil(count / columns)) * shape);
    let columns = 1;
    for (let tried = 2; tried <= count; tried++) if (side(tried) > side(columns)) columns = tried;
    const rows = Math.ceil(count / columns);
    const cell = Math.min(width / columns, height / rows);
    const grid = this.#grid.style;
    grid.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    grid.gridTemplateRows = `repeat(${rows}, minmax(0, 1fr))`;
    grid.setProperty("--cell", `${cell.toFixed(1)}px`);
    grid.setProperty("--cell-detail", width / columns < NARROWEST_WITH_DETAIL ? "none" : "block");
  }
}

customElements.define("ok-heatmap", OkHeatmap);
