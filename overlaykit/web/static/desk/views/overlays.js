// The overlays of the room on the desk: which are open, how each does, and which were closed just now.

import { element, fill, keepChildren, replaceChanged, write } from "../dom.js";
import { onPress } from "../press.js";
import { addingOf } from "./overlays/adding.js";

const EVERY = 2000;
const JUST_NOW = 3; // seconds: a page speaks once a second, and is asked about every other
const NEEDS_A_LOOK = ["closed", "error", "late", "behind"];

function named(overlay, title, { words: say, plan }) {
  const link = overlay.link === null ? null : `${say.link} ${overlay.link}`;
  const channel = plan.channels[overlay.channel] || overlay.channel;
  const asked = [overlay.sku, link, overlay.product, channel, overlay.region];
  return [title ?? overlay.layout, ...asked.filter((each) => each !== null)].join(" · ");
}

function told(overlay, say) {
  if (overlay.state === "behind" && overlay.behind) return fill(say.overlay_behind, { entries: overlay.behind });
  if (overlay.state === "behind") return fill(say.overlay_slow, { seconds: (overlay.lag_ms / 1000).toFixed(1) });
  return say[`overlay_${overlay.state}`];
}

function ago(seconds, say) {
  if (seconds < JUST_NOW) return say.overlay_now;
  if (seconds < 60) return fill(say.overlay_seconds, { n: Math.round(seconds) });
  return fill(say.overlay_minutes, { n: Math.floor(seconds / 60) });
}

const lag = ({ state, lag_ms: ms }, say) => (state === "closed" || ms === null ? "" : fill(say.overlay_lag, { ms }));

/** Asks which overlays of the session are open, from now on. `listen(listener)`: it is called with each answer, null when there was none. */
export function watchOverlays(ask, api) {
  const listeners = [];
  let last = null;

  async function look() {
    const { body: found } = await ask(`${api}/overlays`);
    last = found ?? last;
    for (const listener of listeners) listener(found);
    setTimeout(look, EVERY);
  }
  look();
  return {
    listen(listener) {
      listeners.push(listener);
      if (last) listener(last);
    },
    /** How many there are to be seen. */
    open: () => (last?.overlays ?? []).filter((each) => each.state !== "closed").length,
    /** How many need a look. */
    troubles: () => (last?.overlays ?? []).filter((each) => NEEDS_A_LOOK.includes(each.state)).length,
  };
}

/** The view of them. */
export function overlaysView(section, desk) {
  const { words: say, may, send, overlays: watched } = desk;
  const [list, summary] = [section.querySelector("ul"), section.querySelector(".summary")];
  const alarm = section.querySelector(":scope > .alarm");
  const adding = may ? addingOf(section.querySelector(".add"), desk) : null;
  const all = may ? element("button", "again-all", say.overlays_refresh) : null;
  const titles = new Map(); // theme → what its layouts are called; null while that is asked for
  let last = null;
  if (all) {
    all.type = "button";
    onPress(all, alarm, () => send({ type: "overlay.refresh" }));
    summary.after(all);
  }

  function made(overlay) {
    const card = document.createElement("li");
    card.dataset.page = overlay.page;
    card.append(element("b", "name"), element("small", "own"), element("small", "theme"), element("small", "where"), element("small", "size"));
    card.append(element("span", "told"), element("small", "lag"), element("small", "heard"));
    if (may) {
      const again = element("button", "again", say.overlay_refresh);
      again.type = "button";
      onPress(again, alarm, () => send({ type: "overlay.refresh", page: overlay.page }));
      card.append(again);
    }
    card.append(element("p", "error"));
    return card;
  }

  function update(card, overlay, now) {
    card.dataset.state = overlay.state;
    const again = card.querySelector(".again");
    if (again) again.hidden = !overlay.obs; // the director reloads what OBS shows; a window of a browser is its owner's
    const title = titles.get(overlay.theme)?.get(overlay.layout);
    write(card.querySelector(".name"), named(overlay, title, desk));
    write(card.querySelector(".own"), title ? overlay.layout : "");
    write(card.querySelector(".theme"), overlay.theme ?? "");
    write(card.querySelector(".where"), overlay.obs ? say.overlay_in_obs : say.overlay_in_browser);
    write(card.querySelector(".lag"), lag(overlay, say));
    write(card.querySelector(".size"), `${overlay.width}×${overlay.height}`);
    write(card.querySelector(".told"), told(overlay, say));
    write(card.querySelector(".heard"), ago((Date.parse(now) - Date.parse(overlay.heard_at)) / 1000, say));
    write(card.querySelector(".error"), overlay.state === "error" ? overlay.error : "");
  }

  async function learnTitles(theme) {
    titles.set(theme, null);
    const { body } = await desk.ask("/desk/themes.json", { theme });
    titles.delete(theme); // without an answer it is asked again
    if (!body) return;
    titles.set(theme, new Map((body.chosen?.layouts ?? []).map(({ name, title }) => [name, title])));
    show(last);
  }

  function show({ overlays, server_time: now }) {
    const open = overlays.filter((each) => each.state !== "closed").length;
    const look = overlays.filter((each) => NEEDS_A_LOOK.includes(each.state)).length;
    if (all) all.hidden = !overlays.some(({ obs }) => obs);
    const counts = [element("span", "open", overlays.length ? fill(say.overlays_open, { open }) : say.overlays_none)];
    if (look) counts.push(element("strong", "look", fill(say.overlays_look, { look })));
    replaceChanged(summary, counts);
    keepChildren(list, overlays, { key: ({ page }) => page, make: made, update: (card, each) => update(card, each, now) });
    for (const { theme } of overlays) if (theme !== null && !titles.has(theme)) learnTitles(theme);
  }

  watched.listen((found) => {
    section.dataset.known = found !== null;
    last = found ?? last;
    if (found) show(found);
  });
  return { show: (changes) => (changes.all || changes.order) && adding?.show() };
}
