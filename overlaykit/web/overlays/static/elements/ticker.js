import { shadow, sheet } from "./live.js";
import { forget, nextFrame } from "./frames.js";
import { scale } from "./motion.js";

const style = sheet(`
  :host { display: block; overflow: hidden; white-space: nowrap; }
  .line { display: grid; align-items: center; }
  .line > div { grid-area: 1 / 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; }
  .coming { animation: come var(--motion-enter, 420ms) var(--motion-ease, ease-out) both; }
  .going { animation: go var(--motion-leave, 280ms) var(--motion-ease, ease-out) both; }
  .still { display: flex; gap: 1.5em; }
  @keyframes come { from { opacity: 0; transform: translateY(calc(70% * var(--motion-scale, 1))); } to { opacity: 1; transform: none; } }
  @keyframes go { from { opacity: 1; transform: none; } to { opacity: 0; transform: translateY(calc(-70% * var(--motion-scale, 1))); } }
`);

/**
 * <ok-ticker seconds="6">: shows its children one after the other. Parts `now` and `before`. Where nothing is to move they
 * stand in one line, as many as fit. It rests while the page is hidden.
 */
class OkTicker extends HTMLElement {
  #line; #now; #before; #shown = null; #timer = 0; #watch = null;
  #step = () => this.#look();
  #turn = () => this.#advance();

  constructor() {
    super();
    // Which child is shown is said by the slots alone: an attribute on the child would not survive the next morph.
    const root = this.attachShadow({ mode: "open", slotAssignment: "manual" });
    root.adoptedStyleSheets = [style];
    root.innerHTML = '<div class="line"><div part="before" aria-hidden="true"><slot></slot></div><div part="now"><slot></slot></div></div>';
    this.#line = root.firstElementChild;
    [this.#before, this.#now] = this.#line.children;
    this.#before.addEventListener("animationend", () => this.#empty());
  }

  connectedCallback() {
    this.#watch = new MutationObserver(() => nextFrame(this.#step));
    this.#watch.observe(this, { childList: true });
    document.addEventListener("visibilitychange", this.#step);
    this.#look();
  }

  disconnectedCallback() {
    this.#watch?.disconnect();
    document.removeEventListener("visibilitychange", this.#step);
    clearTimeout(this.#timer);
    forget(this.#step);
  }

  get #entries() {
    return [...this.children].filter((child) => !child.hasAttribute("data-leaving"));
  }

  #look() {
    clearTimeout(this.#timer);
    const entries = this.#entries;
    const still = scale() === 0;
    this.#line.className = still ? "line still" : "line";
    if (still) {
      this.#empty();
      this.#shown = entries[0] ?? null;
      this.#now.firstElementChild.assign(...entries);
      return;
    }
    if (!entries.includes(this.#shown)) this.#show(entries[0] ?? null);
    else this.#now.firstElementChild.assign(this.#shown);
    if (entries.length > 1 && !document.hidden) this.#timer = setTimeout(this.#turn, Number(this.getAttribute("seconds")) * 1000);
  }

  #advance() {
    const entries = this.#entries;
    this.#show(entries[(entries.indexOf(this.#shown) + 1) % entries.length] ?? null);
    this.#look();
  }

  #show(entry) {
    const old = this.#shown;
    this.#shown = entry;
    this.#now.firstElementChild.assign(...(entry ? [entry] : []));
    const leaves = old !== null && old.parentElement === this;
    this.#before.firstElementChild.assign(...(leaves && old !== entry ? [old] : []));
    this.#before.className = leaves ? "going" : "";
    this.#now.className = old === null ? "" : "coming";
    if (old !== null) for (const animation of this.#now.getAnimations()) { animation.cancel(); animation.play(); }
  }

  #empty() {
    this.#before.firstElementChild.assign();
    this.#before.className = "";
  }
}

customElements.define("ok-ticker", OkTicker);
