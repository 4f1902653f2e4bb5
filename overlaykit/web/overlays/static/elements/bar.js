import { LiveElement, shadow, sheet } from "./live.js";

const style = sheet(`
  :host { display: block; height: 0.5em; --fill: var(--bar-fill, currentColor); }
  :host([heat="yellow"]) { --fill: var(--bar-low, var(--bar-fill, currentColor)); }
  :host([heat="red"]) { --fill: var(--bar-critical, var(--bar-low, var(--bar-fill, currentColor))); }
  .track { height: 100%; overflow: hidden; border-radius: var(--bar-radius, 999px); background: var(--bar-track, rgb(255 255 255 / 22%)); }
  .fill { height: 100%; border-radius: inherit; background: var(--fill); transform: translateX(-100%); }
  .moving { transition: transform var(--motion-change, 300ms) ease-out, background-color var(--motion-change, 300ms); }
  :host([unknown]) .track { background: repeating-linear-gradient(-45deg, var(--bar-track, rgb(255 255 255 / 22%)) 0 0.3em, transparent 0.3em 0.6em); }
`);

/** <ok-bar value="0.98" heat="green">: full at 1, hatched when not known. Colours by --bar-fill, --bar-low, --bar-critical, --bar-track. */
class OkBar extends LiveElement {
  static observedAttributes = ["data-key", "value"];
  #fill;

  constructor() {
    super();
    this.#fill = shadow(this, style, '<div class="track" part="track"><div class="fill" part="fill"></div></div>').querySelector(".fill");
  }

  draw(moves) {
    const share = this.figure("value") || 0;
    const seen = share > 0 ? Math.max(share, 0.015) : 0; // the last units leave a sliver: only nothing looks like nothing
    this.#fill.classList.toggle("moving", moves);
    this.#fill.style.transform = `translateX(${(seen - 1) * 100}%)`;
  }
}

customElements.define("ok-bar", OkBar);
