import { onCorrection, seen } from "../clock.js";
import { shadow, sheet } from "./live.js";
import { span } from "./figures.js";

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const SPANS = [["day", DAY], ["hour", HOUR], ["minute", MINUTE], ["second", SECOND]];
const two = (number) => String(number).padStart(2, "0");

const style = sheet(`:host { display: inline-block; white-space: nowrap; font-variant-numeric: tabular-nums; }`);

/**
 * <ok-countdown ends-at="…" format="mm:ss.d">: time that is left on the server's clock when the audience sees it. Each digit changes when it is due, by a
 * timer set for that moment, so that every page shows the same and zero comes at the deadline; while the page is hidden
 * there is no timer. Parts: `time`, with `soon` in the last ten seconds and `due` from zero on; event `ok-due` at zero.
 */
class OkCountdown extends HTMLElement {
  static observedAttributes = ["ends-at", "format"];
  #time; #timer = 0; #due = null; #uncorrect = null;
  #look = () => this.draw();

  constructor() {
    super();
    this.#time = shadow(this, style, '<span part="time" role="timer"></span>').firstElementChild;
  }

  connectedCallback() {
    this.#uncorrect = onCorrection(this.#look);
    document.addEventListener("visibilitychange", this.#look);
    this.draw();
  }

  disconnectedCallback() {
    this.#uncorrect?.();
    document.removeEventListener("visibilitychange", this.#look);
    clearTimeout(this.#timer);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.draw();
  }

  draw() {
    clearTimeout(this.#timer);
    const endsAt = Date.parse(this.getAttribute("ends-at"));
    if (Number.isNaN(endsAt)) {
      this.#time.textContent = "—";
      this.#time.part = "time";
      return;
    }
    const format = this.getAttribute("format") ?? "auto";
    const decimals = /\.(d+)$/.exec(format)?.[1].length ?? 0;
    const left = endsAt - seen();
    const unit = format === "words" ? SPANS.find(([, length]) => length <= left)?.[1] ?? SECOND : SECOND / 10 ** decimals;
    const units = Math.max(0, Math.ceil(left / unit));
    this.#time.textContent = format === "words" ? inWords(units * unit) : written(units * unit, format, decimals);
    this.#time.part.toggle("soon", left > 0 && left <= 10 * SECOND);
    this.#time.part.toggle("due", units === 0);
    if (units > 0) {
      this.#due = null;
      if (!document.hidden) this.#timer = setTimeout(this.#look, Math.max(0, left - (units - 1) * unit));
    } else if (this.#due !== endsAt) {
      this.#due = endsAt;
      this.dispatchEvent(new CustomEvent("ok-due", { bubbles: true, composed: true }));
    }
  }
}

function inWords(left) {
  const [unit, length] = SPANS.find(([, length]) => length <= left) ?? SPANS[3];
  return span(Math.ceil(left / length), unit);
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
  return (days ? span(Math.floor(left / DAY), "day") + " " : "") + text.join(":") + fraction;
}

customElements.define("ok-countdown", OkCountdown);
