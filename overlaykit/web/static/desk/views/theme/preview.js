// The overlay page itself, in a frame, as the draft would have it look.

import { itemPicker } from "../../item_picker.js";

const SOON = 350; // while somebody types or drags
const HIGHEST = 0.56; // of the window
const NARROW = 768; // CSS pixels of the window, below which the form stands under the preview
const HIGHEST_ABOVE = 0.4;

/**
 * `offer(layouts)`: what may be chosen; `show(query)`: [name, value] pairs of an overlay's address, shown soon.
 */
export function previewOf(place, desk) {
  const { words: say, session } = desk;
  const by = Object.fromEntries(["layout", "size", "ground"].map((name) => [name, place.querySelector(`select[name="${name}"]`)]));
  const item = itemPicker(desk, say.theme_item, { none: say.theme_on_air, changed: soon });
  place.querySelector(".about-item").append(item.place);
  const [screen, frame] = [place.querySelector(".screen"), place.querySelector("iframe")];
  let [layouts, query, shown, timer] = [[], null, "", 0];

  function sizes() {
    const known = layouts.find(({ name }) => name === by.layout.value)?.sizes ?? [];
    const before = by.size.value;
    by.size.replaceChildren(...known.map((size) => new Option(size.replace("x", "×"), size)));
    by.size.value = known.includes(before) ? before : known[0] ?? "";
    fit();
  }

  function fit() {
    const [width, height] = (by.size.value || "1080x1920").split("x").map(Number);
    const scale = Math.min(place.clientWidth / width, (window.innerHeight * (window.innerWidth <= NARROW ? HIGHEST_ABOVE : HIGHEST)) / height) || 0.1;
    Object.assign(frame.style, { width: `${width}px`, height: `${height}px`, transform: `scale(${scale})` });
    Object.assign(screen.style, { width: `${Math.floor(width * scale)}px`, height: `${Math.floor(height * scale)}px` });
  }

  function paint() {
    timer = 0;
    if (!query || !by.layout.value) return;
    const asked = new URLSearchParams([["session", session], ...(item.value() === null ? [] : [["sku", item.value()]]), ...query]);
    const address = `/overlay/${encodeURIComponent(by.layout.value)}?${asked}`;
    if (address === shown) return;
    shown = address;
    frame.contentWindow.location.replace(address); // no step of the browser's Back
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(paint, SOON);
  }

  by.layout.addEventListener("change", () => {
    sizes();
    soon();
  });
  by.size.addEventListener("change", fit);
  by.ground.addEventListener("change", () => (screen.dataset.ground = by.ground.value));
  new ResizeObserver(fit).observe(place);

  return {
    offer(found) {
      const before = by.layout.value;
      layouts = found;
      by.layout.replaceChildren(...layouts.map(({ name, title }) => new Option(title, name)));
      by.layout.value = layouts.some(({ name }) => name === before) ? before : layouts[0]?.name ?? "";
      sizes();
    },
    show(asked) {
      query = asked;
      soon();
    },
  };
}
