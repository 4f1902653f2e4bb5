import { LiveElement, shadow, sheet } from "./live.js";

const style = sheet(`
  :host { display: inline-grid; place-items: center; position: relative; width: 4em; aspect-ratio: 1; font-variant-numeric: tabular-nums; --fill: var(--ring-fill, currentColor); }
  :host([heat="yellow"]) { --fill: var(--ring-low, var(--ring-fill, currentColor)); }
  :host([heat="red"]) { --fill: var(--ring-critical, var(--ring-low, var(--ring-fill, currentColor))); }
  svg { position: absolute; inset: 0; width: 100%; height: 100%; transform: rotate(-90deg); }
  circle { fill: none; stroke-width: var(--ring-width, 9); }
  .track { stroke: var(--ring-track, rgb(255 255 255 / 22%)); }
  .fill { stroke: var(--fill); stroke-linecap: round; stroke-dasharray: 0 1; }
  .fill.nothing { visibility: hidden; }
  .fill.moving { transition: stroke-dasharray var(--motion-change, 300ms) ease-out, stroke var(--motion-change, 300ms); }
  :host([unknown]) .track { stroke-dasharray: 0.02 0.02; }
  .text { position: relative; }
`);

/** <ok-ring value="0.98" heat="green">98%</ok-ring>: closed at 1. Colours by --ring-fill, --ring-low, --ring-critical, --ring-track; --ring-width of 100. */
class OkRing extends LiveElement {
  static observedAttributes = ["data-key", "value"];
  #fill;

  constructor() {
    super();
    const circle = (name) => `<circle class="${name}" part="${name}" cx="50" cy="50" r="44" pathLength="1"></circle>`;
    const root = shadow(this, style, `<svg viewBox="0 0 100 100" aria-hidden="true">${circle("track")}${circle("fill")}</svg><span class="text" part="text"><slot></slot></span>`);
    this.#fill = root.querySelector(".fill");
  }

  draw(moves) {
    const share = this.figure("value") || 0;
    const seen = share > 0 ? Math.max(share, 0.01) : 0;
    this.#fill.classList.toggle("moving", moves);
    this.#fill.classList.toggle("nothing", seen === 0);
    this.#fill.style.strokeDasharray = `${seen} 1`;
  }
}

customElements.define("ok-ring", OkRing);
