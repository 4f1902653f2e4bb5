import { arrived } from "../passage.js";
import { stage } from "../stage.js";
import { shadow, sheet } from "./live.js";
import { flash, scene } from "./motion.js";

const style = sheet(`
  :host { display: inline-block; }
  span { display: inline-block; position: relative; padding: 0.12em 0.5em 0.16em; border-radius: 0.2em; background: var(--moment-colour, #d9251b); color: #fff; font-weight: 700; line-height: 1.2; }
  .playing { animation: enter var(--motion-enter, 420ms) var(--motion-ease, ease-out) both; }
  .lit { overflow: hidden; }
  .lit::after {
    content: ""; position: absolute; inset: 0; pointer-events: none; transform: translateX(-110%);
    background: linear-gradient(100deg, transparent 30%, rgb(255 255 255 / 55%) 50%, transparent 70%);
    animation: light 250ms ease-in-out both;
  }
  @keyframes enter { from { opacity: 0; transform: scale(calc(1 - 0.3 * var(--motion-scale, 1))); } 60% { opacity: 1; transform: scale(calc(1 + 0.06 * var(--motion-scale, 1))); } to { opacity: 1; transform: none; } }
  @keyframes light { to { transform: translateX(110%); } }
  @media (prefers-reduced-motion: reduce) { .playing, .lit::after { animation: none; } }
`);

/**
 * <ok-moment name="sold_out" seconds="4">text</ok-moment>: part `moment`, and `playing` for so long when it happens live.
 * Scenes come one at a time on a page; one that belongs to what has just come into the picture is none.
 */
class OkMoment extends HTMLElement {
  #text; #cancel = null;

  constructor() {
    super();
    this.#text = shadow(this, style, '<span part="moment"><slot></slot></span>').firstElementChild;
  }

  connectedCallback() {
    if (stage.live) queueMicrotask(() => this.#happen()); // the morph notes what it added after adding it
  }

  disconnectedCallback() {
    this.#cancel?.();
    this.#cancel = null;
  }

  #happen() {
    if (!this.isConnected) return;
    for (let around = this.parentElement; around; around = around.parentElement) if (arrived.has(around)) return;
    this.#cancel = scene({
      ms: Number(this.getAttribute("seconds")) * 1000,
      begin: () => {
        this.#play(true);
        flash(() => this.#text.classList.add("lit"), () => this.#text.classList.remove("lit"));
      },
      end: () => this.#play(false),
    });
  }

  #play(on) {
    this.#text.part.toggle("playing", on);
    this.#text.classList.toggle("playing", on);
    if (!on) this.#text.classList.remove("lit");
  }
}

customElements.define("ok-moment", OkMoment);
