// The views of the desk, one at a time: which of them is open stands in the address, so that it can be linked and goes back.

import { addChanges, noChanges } from "./room.js";
import { write } from "./dom.js";

const FIRST = "stock";

/**
 * Opens `makers`: name → (section, desk) → {show, tick?, badge?, opened?}. A view is made when it is opened first; `show(changes)` is
 * called while it is open, and once when it is opened again, with all that changed meanwhile. `opened(detail)` gets what follows the
 * name in the address: #log/seq-17. `badges`: name → what its mark says now, "" for nothing.
 */
export function viewsOf(desk, makers, badges) {
  const made = new Map();
  const missed = new Map(Object.keys(makers).map((name) => [name, noChanges()]));
  let open = "";
  let wide = 0; // pixels that all tabs took when the open one was brought into sight

  const sectionOf = (name) => document.getElementById(`view-${name}`);
  const linkTo = (name) => document.querySelector(`.views a[href="#${name}"]`);

  function asked() {
    const [name, ...detail] = decoded(location.hash.slice(1)).split("/");
    return makers[name] && sectionOf(name) ? [name, detail.join("/")] : [FIRST, ""];
  }

  function choose() {
    const [name, detail] = asked();
    if (open && open !== name) [sectionOf(open).hidden, linkTo(open).ariaCurrent] = [true, null];
    const section = sectionOf(name);
    section.hidden = false;
    linkTo(name).setAttribute("aria-current", "page");
    bringIntoSight(linkTo(name));
    const before = open;
    open = name;
    if (!made.has(name)) {
      made.set(name, makers[name](section, desk));
      missed.get(name).all = true;
    }
    showMissed();
    made.get(name).opened?.(detail);
    if (before && before !== name && !section.contains(document.activeElement)) section.querySelector("h2")?.focus({ preventScroll: true });
    // Whoever was further down the page sees what was opened, on a phone below what is always there.
    if (before && (before !== name || detail)) section.scrollIntoView({ block: "start" });
  }

  /** Where the tabs are wider than the screen, the open one is in their middle. */
  function bringIntoSight(link) {
    const tabs = link.parentElement;
    tabs.scrollLeft = link.offsetLeft - (tabs.clientWidth - link.offsetWidth) / 2;
    wide = tabs.scrollWidth;
  }

  function showMissed() {
    if (!desk.room.session) return;
    const changes = missed.get(open);
    missed.set(open, noChanges());
    made.get(open).show(changes);
  }

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return ""; // somebody typed a % into the address
    }
  }

  window.addEventListener("hashchange", () => {
    // What was opened to read belongs to the view that is left, by Back on a tablet too. A form stays: nothing typed is lost.
    for (const each of document.querySelectorAll("dialog.to-read[open]")) each.close();
    choose();
  });
  choose();
  return {
    show(changes) {
      for (const each of missed.values()) addChanges(each, changes);
      showMissed();
      for (const [name, badge] of Object.entries(badges)) write(linkTo(name)?.querySelector(".badge"), badge(desk.room));
      if (linkTo(open).parentElement.scrollWidth !== wide) bringIntoSight(linkTo(open));
    },
    tick: () => made.get(open).tick?.(),
    /** Opens a view: go("log", "seq-17"); also where the address says so already, but what it led to was closed since. */
    go(name, detail = "") {
      const before = location.hash;
      location.hash = detail ? `${name}/${encodeURIComponent(detail)}` : name;
      if (location.hash === before) choose();
    },
  };
}
