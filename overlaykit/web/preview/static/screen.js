// One layout in a frame of its own, at its true size and scaled: the page inside is the real one.
import { drawVideo } from "./video.js";

export class Screen {
  /** `loaded` is called when the page inside is there. */
  constructor(layout, loaded) {
    this.figure = document.createElement("figure");
    this.figure.dataset.layout = layout;
    this.figure.innerHTML = '<figcaption><b></b><small></small><span class="state"></span></figcaption><div class="screen"></div>';
    this.box = this.figure.lastElementChild;
    this.ground = document.createElement("canvas");
    this.frame = document.createElement("iframe");
    this.frame.title = layout;
    this.frame.src = `/overlay/${encodeURIComponent(layout)}`;
    this.frame.onload = () => {
      loaded();
      this.outline();
    };
    this.safe = document.createElement("div");
    this.safe.className = "safe";
    this.safe.hidden = true;
    this.box.append(this.ground, this.frame, this.safe);
    this.stop = null;
  }

  /** Title, size in pixels, width on the page, background, whether the safe area is drawn. */
  show({ title, size, width, ground, outline }) {
    const [caption, small] = this.figure.querySelectorAll("b, small");
    caption.textContent = title;
    small.textContent = `${this.figure.dataset.layout} · ${size[0]}×${size[1]}`;
    this.size = size;
    [this.ground.width, this.ground.height] = size.map((length) => Math.round(length / 14));
    this.wantsOutline = outline;
    const scale = width / size[0];
    this.box.style.width = `${width}px`;
    this.box.style.height = `${size[1] * scale}px`;
    for (const node of [this.frame, this.safe]) {
      node.style.width = `${size[0]}px`;
      node.style.height = `${size[1]}px`;
      node.style.transform = `scale(${scale})`;
    }
    this.ground.className = `ground ground-${ground}`;
    this.box.className = this.box.classList.contains("failed") ? "screen failed" : "screen";
    if (ground !== "video") this.box.classList.add(`ground-${ground}`);
    if (ground === "video" && !this.stop) this.stop = drawVideo(this.ground);
    if (ground !== "video" && this.stop) {
      this.stop();
      this.stop = null;
    }
    this.outline();
  }

  /** The style sheets, options and language of the theme as it is now, put into the page that is open. */
  wear(look, layout) {
    const inside = this.frame.contentDocument;
    const mine = look.layouts[layout];
    if (!mine || !inside?.getElementById("overlay")) return;
    const html = inside.documentElement;
    html.lang = look.lang;
    html.dataset.motion = mine.motion;
    html.dataset.safe = mine.safe;
    inside.getElementById("ok-note").textContent = mine.note;
    const style = inside.querySelector("style[nonce]");
    if (style.textContent !== mine.style) style.textContent = mine.style;
    this.#sheets(inside, mine.sheets);
    this.outline();
  }

  // New sheets are there before the old ones go, so that nothing is ever without style. What came last counts.
  async #sheets(inside, wanted) {
    const mine = () => [...inside.querySelectorAll('link[rel="stylesheet"]')].filter((link) => new URL(link.href).pathname.startsWith("/theme/"));
    const key = wanted.join("\n");
    const worn = this.worn?.inside === inside ? this.worn.key : mine().map((link) => link.getAttribute("href")).join("\n");
    this.worn = { inside, key };
    if (worn === key) return;
    const fresh = await Promise.all(wanted.map((sheet) => new Promise((there) => {
      const link = inside.createElement("link");
      link.rel = "stylesheet";
      link.href = sheet;
      link.onload = link.onerror = () => there(link);
      inside.head.append(link);
    })));
    if (this.worn.inside !== inside || this.worn.key !== key) return;
    for (const link of mine()) if (!fresh.includes(link)) link.remove();
    this.outline();
  }

  /** The words of a failure, or "" while all is well. */
  fail(text) {
    this.figure.querySelector(".state").textContent = text;
    this.box.classList.toggle("failed", text !== "");
  }

  outline() {
    const html = this.frame.contentDocument?.documentElement;
    if (!html || !this.size) return;
    const said = this.frame.contentWindow.getComputedStyle(html);
    const edges = ["top", "right", "bottom", "left"].map((side) => pixels(said.getPropertyValue(`--safe-${side}`), this.size));
    this.safe.style.borderWidth = edges.map((edge) => `${edge}px`).join(" ");
    this.safe.hidden = !this.wantsOutline || html.dataset.safe === "none" || edges.every((edge) => edge === 0);
  }

  remove() {
    this.stop?.();
    this.figure.remove();
  }
}

function pixels(text, [width, height]) {
  const value = parseFloat(text);
  if (!value) return 0;
  const units = { vh: height / 100, vw: width / 100, vmin: Math.min(width, height) / 100, vmax: Math.max(width, height) / 100 };
  return value * (units[/[a-z]+\s*$/.exec(text)?.[0].trim()] ?? 1);
}
