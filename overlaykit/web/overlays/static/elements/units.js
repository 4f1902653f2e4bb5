import { LiveElement, shadow, sheet } from "./live.js";
import { nextFrame } from "./frames.js";

const STAGGER_MS = 24;
const LONGEST_STAGGER_MS = 300; // when very many leave they leave together: what is seen is never long untrue

const style = sheet(`
  :host { display: block; }
  .units { display: flex; flex-wrap: wrap; gap: var(--unit-gap, 0.18em); }
  .unit {
    width: var(--unit-size, 1em); height: var(--unit-size, 1em); box-sizing: border-box; border-radius: var(--unit-radius, 14%);
    background: var(--unit-image, linear-gradient(90deg, transparent 40%, rgb(0 0 0 / 24%) 40% 60%, transparent 60%)) center / 100% 100% no-repeat, var(--unit-colour, #d8a163);
    opacity: calc(0.3 + 0.7 * var(--fill)); transition: transform var(--motion-leave, 280ms) var(--motion-ease, ease-out), opacity var(--motion-leave, 280ms); transition-delay: var(--wait, 0ms);
  }
  .gone { opacity: 0; transform: translateY(calc(-0.9em * var(--motion-scale, 1))) rotate(calc(8deg * var(--motion-scale, 1))) scale(calc(1 - 0.4 * var(--motion-scale, 1))); }
  .place { position: relative; border-radius: var(--unit-radius, 14%); box-shadow: inset 0 0 0 max(1px, 0.05em) var(--unit-place, rgb(255 255 255 / 20%)); }
  .still .unit { transition: none; }
  .legend { display: block; margin-top: 0.3em; font-size: var(--unit-legend-size, 0.6em); opacity: 0.75; }
  .legend.silent { display: none; }
  .unknown { display: none; }
  :host([unknown]) .unknown { display: block; }
  :host([unknown]) .units { display: none; }
`);

/**
 * <ok-units value="37" of="50" per="1">: a place for each of `of` units (or `per` of them), full while they are there.
 * The last ones leave first, one by one. Each unit has --index. Parts `place`, `unit`, `gone`; the text is its legend.
 */
class OkUnits extends LiveElement {
  static observedAttributes = ["data-key", "value", "of", "per"];
  #box; #legend; #units = [];
  #unstill = () => this.#box.classList.remove("still");

  constructor() {
    super();
    const root = shadow(this, style, '<div class="units" part="units" aria-hidden="true"></div><span class="unknown">—</span><span class="legend" part="legend"><slot></slot></span>');
    this.#box = root.firstElementChild;
    this.#legend = root.lastElementChild;
    root.querySelector("slot").addEventListener("slotchange", () => this.#name());
  }

  draw(moves) {
    const per = this.figure("per") || 1;
    const value = Math.max(0, this.figure("value") || 0);
    const places = Math.ceil(Math.max(value, this.figure("of") || 0) / per);
    this.#name();
    this.#box.classList.toggle("still", !moves);
    this.#lay(places);
    const full = value / per;
    const changed = this.#units.filter((unit, index) => unit.classList.contains("gone") !== (full <= index));
    const gap = Math.min(STAGGER_MS, LONGEST_STAGGER_MS / Math.max(1, changed.length));
    const last = this.#units.length - 1;
    this.#units.forEach((unit, index) => {
      const gone = full <= index;
      const turn = changed.indexOf(unit);
      unit.style.setProperty("--wait", `${turn < 0 ? 0 : Math.round((gone ? changed.length - 1 - turn : turn) * gap)}ms`);
      unit.style.setProperty("--fill", String(gone ? 1 : Math.min(1, full - index)));
      unit.classList.toggle("gone", gone);
      unit.part.toggle("gone", gone);
      unit.style.zIndex = String(last - index);
    });
    if (!moves) nextFrame(this.#unstill);
  }

  #lay(places) {
    while (this.#units.length > places) this.#units.pop().parentElement.remove();
    while (this.#units.length < places) {
      const place = document.createElement("div");
      place.className = "place";
      place.part.add("place");
      const unit = document.createElement("div");
      unit.className = "unit";
      unit.part.add("unit");
      place.style.setProperty("--index", String(this.#units.length));
      place.append(unit);
      this.#box.append(place);
      this.#units.push(unit);
    }
  }

  #name() {
    this.#legend.classList.toggle("silent", this.textContent === "");
  }
}

customElements.define("ok-units", OkUnits);
