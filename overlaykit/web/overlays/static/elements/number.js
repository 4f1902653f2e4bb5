import { LiveElement, shadow, sheet } from "./live.js";
import { FLASH_MS, changeTime, flash } from "./motion.js";
import { forget, nextFrame } from "./frames.js";
import { written } from "./figures.js";

const NO_TWEEN_BELOW = 3;

const style = sheet(`
  :host { display: inline-block; position: relative; white-space: nowrap; font-variant-numeric: tabular-nums; }
  .rolling > .true { opacity: 0; }
  .roll { position: absolute; left: 0; top: 0; display: none; }
  .rolling > .roll { display: inline; }
  [part~="changed"] { animation: changed ${FLASH_MS}ms ease-out; }
  .true { display: inline-block; }
  @keyframes changed { from { text-shadow: 0 0 0.35em currentColor; transform: scale(calc(1 + 0.08 * var(--motion-scale, 1))); } to { text-shadow: none; transform: none; } }
`);

/**
 * <ok-number value="98">98</ok-number>: rolls from one value of its key to the next. The light text is true at once.
 * format="count" rolls in short form. With `flash` a live change has part `changed` for a moment, within the budget.
 */
class OkNumber extends LiveElement {
  static observedAttributes = ["data-key", "value", "format"];
  #box; #roll; #true;
  #shown = NaN; #from = NaN; #to = NaN; #began = 0;
  #step = (at) => this.#rollOn(at);
  #light = () => this.#true.part.add("changed");
  #dim = () => this.#true.part.remove("changed");

  constructor() {
    super();
    const root = shadow(this, style, '<span><span class="true" part="number"><slot></slot></span><span class="roll" part="number" aria-hidden="true"></span></span>');
    this.#box = root.firstElementChild;
    [this.#true, this.#roll] = this.#box.children;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#settle(this.#to);
  }

  draw(moves) {
    const to = this.figure("value");
    if (moves && to === this.#to) return;
    const before = this.#to;
    this.#to = to;
    if (moves && this.hasAttribute("flash") && to !== before) flash(this.#light, this.#dim);
    if (!moves || !(Math.abs(to - this.#shown) >= NO_TWEEN_BELOW)) {
      this.#settle(to);
      return;
    }
    this.#from = this.#shown;
    this.#began = performance.now();
    this.#rollOn(this.#began);
  }

  #rollOn(at) {
    const time = changeTime();
    const part = time > 0 ? (at - this.#began) / time : 1;
    if (part >= 1) {
      this.#settle(this.#to);
      return;
    }
    this.#shown = Math.round(this.#from + (this.#to - this.#from) * (1 - (1 - part) ** 3));
    this.#roll.textContent = written(this.#shown, this.getAttribute("format"));
    this.#box.className = "rolling";
    nextFrame(this.#step);
  }

  #settle(value) {
    forget(this.#step);
    this.#shown = value;
    this.#box.className = "";
  }
}

customElements.define("ok-number", OkNumber);
