// The live elements that `ui` writes. They draw in shadow DOM, so that a morph of the page leaves their inside alone, and
// keep what the server wrote as light DOM, so that the true value is always readable.
import { now, onCorrection } from "./clock.js";
import { stage } from "./stage.js";

const TWEEN_MS = 300;
const NO_TWEEN_BELOW = 3;

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

function sheet(css) {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

function shadow(host, style, html) {
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [style];
  root.innerHTML = html;
  return root;
}

const numberStyle = sheet(`
  :host { display: inline-block; position: relative; white-space: nowrap; font-variant-numeric: tabular-nums; }
  .rolling > .true { opacity: 0; }
  .roll { position: absolute; left: 0; top: 0; display: none; }
  .rolling > .roll { display: inline; }
`);

/** <ok-number value="98">98</ok-number>: rolls from one value of its key to the next. The light text is true at once. */
class OkNumber extends HTMLElement {
  static observedAttributes = ["value"];
  #box; #roll; #frame = 0; #shown = NaN; #key = null;

  constructor() {
    super();
    const root = shadow(this, numberStyle, '<span><span class="true" part="number"><slot></slot></span><span class="roll" part="number" aria-hidden="true"></span></span>');
    this.#box = root.firstElementChild;
    this.#roll = this.#box.lastElementChild;
  }

  attributeChangedCallback(_name, _before, value) {
    const from = this.#shown;
    const to = Number(value);
    const key = this.dataset.key ?? null;
    const sameKey = key !== null && key === this.#key;
    this.#key = key;
    cancelAnimationFrame(this.#frame);
    if (!sameKey || !stage.live || document.hidden || calm.matches || !(Math.abs(to - from) >= NO_TWEEN_BELOW)) {
      this.#settle(to);
      return;
    }
    const began = performance.now();
    const format = new Intl.NumberFormat(document.documentElement.lang);
    const step = () => {
      const part = (performance.now() - began) / TWEEN_MS;
      if (part >= 1 || !this.isConnected) return this.#settle(to);
      this.#shown = Math.round(from + (to - from) * (1 - (1 - part) ** 3));
      this.#roll.textContent = format.format(this.#shown);
      this.#box.className = "rolling";
      this.#frame = requestAnimationFrame(step);
    };
    step();
  }

  #settle(value) {
    this.#shown = value;
    this.#box.className = "";
  }
}

const barStyle = sheet(`
  :host { display: block; height: 0.5em; --fill: var(--bar-fill, currentColor); }
  :host([heat="yellow"]) { --fill: var(--bar-low, var(--bar-fill, currentColor)); }
  :host([heat="red"]) { --fill: var(--bar-critical, var(--bar-low, var(--bar-fill, currentColor))); }
  .track { height: 100%; overflow: hidden; border-radius: var(--bar-radius, 999px); background: var(--bar-track, rgb(255 255 255 / 22%)); }
  .fill { height: 100%; border-radius: inherit; background: var(--fill); transition: transform 300ms ease-out, background-color 300ms; }
  @media (prefers-reduced-motion: reduce) { .fill { transition: none; } }
`);

/** <ok-bar value="0.98" heat="green">: full at 1. Colours by --bar-fill, --bar-low, --bar-critical, --bar-track. */
class OkBar extends HTMLElement {
  static observedAttributes = ["value"];
  #fill;

  constructor() {
    super();
    this.#fill = shadow(this, barStyle, '<div class="track" part="track"><div class="fill" part="fill"></div></div>').querySelector(".fill");
  }

  attributeChangedCallback(_name, _before, value) {
    const share = Number(value);
    const seen = share > 0 ? Math.max(share, 0.015) : 0; // the last units leave a sliver: only nothing looks like nothing
    this.#fill.style.transform = `translateX(${(seen - 1) * 100}%)`;
  }
}

const countdownStyle = sheet(`:host { display: inline-block; white-space: nowrap; font-variant-numeric: tabular-nums; }`);
const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const two = (number) => String(number).padStart(2, "0");

/**
 * <ok-countdown ends-at="…" format="mm:ss.d">: time left on the server's clock. Each digit changes when it is due, by a
 * timer set for that moment, so that every page shows the same and zero comes at the deadline. Parts: `time`, with `soon`
 * in the last ten seconds and `due` from zero on; event `ok-due` at zero.
 */
class OkCountdown extends HTMLElement {
  static observedAttributes = ["ends-at", "format"];
  #time; #timer = 0; #due = null; #uncorrect = null;

  constructor() {
    super();
    this.#time = shadow(this, countdownStyle, '<span part="time" role="timer"></span>').firstElementChild;
  }

  connectedCallback() {
    this.#uncorrect = onCorrection(() => this.draw());
    this.draw();
  }

  disconnectedCallback() {
    this.#uncorrect?.();
    clearTimeout(this.#timer);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.draw();
  }

  draw() {
    clearTimeout(this.#timer);
    const endsAt = Date.parse(this.getAttribute("ends-at"));
    if (Number.isNaN(endsAt)) return;
    const format = this.getAttribute("format") ?? "auto";
    const decimals = /\.(d+)$/.exec(format)?.[1].length ?? 0;
    const unit = SECOND / 10 ** decimals;
    const left = endsAt - now();
    const units = Math.max(0, Math.ceil(left / unit));
    this.#time.textContent = written(units * unit, format, decimals);
    this.#time.part.toggle("soon", units > 0 && left <= 10 * SECOND);
    this.#time.part.toggle("due", units === 0);
    if (units > 0) {
      this.#due = null;
      this.#timer = setTimeout(() => this.draw(), Math.max(0, left - (units - 1) * unit));
    } else if (this.#due !== endsAt) {
      this.#due = endsAt;
      this.dispatchEvent(new CustomEvent("ok-due", { bubbles: true, composed: true }));
    }
  }
}

function written(left, format, decimals) {
  const auto = format.startsWith("auto");
  const days = auto ? left >= DAY : format.startsWith("d");
  const hours = days || (auto ? left >= HOUR : format.includes("hh"));
  const minutes = hours || auto || format.includes("mm");
  const text = [];
  if (hours) text.push(two(Math.floor((days ? left % DAY : left) / HOUR)));
  if (minutes) text.push(two(Math.floor((hours ? left % HOUR : left) / MINUTE)));
  text.push(two(Math.floor((minutes ? left % MINUTE : left) / SECOND)));
  const fraction = decimals ? "." + String(Math.floor(left % SECOND)).padStart(3, "0").slice(0, decimals) : "";
  const unit = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "day" });
  return (days ? unit.format(Math.floor(left / DAY)) + " " : "") + text.join(":") + fraction;
}

const momentStyle = sheet(`
  :host { display: inline-block; }
  .playing { animation: enter 420ms cubic-bezier(0.2, 0.9, 0.25, 1.15) both; }
  span { display: inline-block; }
  @keyframes enter { from { opacity: 0; transform: scale(0.7); } to { opacity: 1; transform: none; } }
  @media (prefers-reduced-motion: reduce) { .playing { animation: none; } }
`);

/** <ok-moment name="sold_out" seconds="4">text</ok-moment>: part `moment`, and `playing` for so long when it happens live. */
class OkMoment extends HTMLElement {
  #text; #timer = 0;

  constructor() {
    super();
    this.#text = shadow(this, momentStyle, '<span part="moment"><slot></slot></span>').firstElementChild;
  }

  connectedCallback() {
    if (!stage.live) return;
    const play = (on) => {
      this.#text.part.toggle("playing", on);
      this.#text.classList.toggle("playing", on);
    };
    play(true);
    this.#timer = setTimeout(() => play(false), Number(this.getAttribute("seconds")) * SECOND);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }
}

customElements.define("ok-number", OkNumber);
customElements.define("ok-bar", OkBar);
customElements.define("ok-countdown", OkCountdown);
customElements.define("ok-moment", OkMoment);
