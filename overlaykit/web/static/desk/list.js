// A list of any length of which only the part that is seen is in the page: rows of a table, cards, cells, entries of the log.

const BEYOND = 4; // lines that are drawn above and below what is seen; of many in a line, one is enough
const NEAR = 30; // lines before the end from which on more are wanted
const KEYS = { ArrowDown: "down", ArrowUp: "up", ArrowRight: "right", ArrowLeft: "left", Home: "first", End: "last", PageDown: "page", PageUp: "back" };

/**
 * Shows `keys` in `rows`, which lies in the scrolling `box`, alone or under a head that stays in sight.
 *   make()                       a new element; it is used for other keys later
 *   update(element, key, place)  writes what `key` shows now; `place`: where it stands, from 0
 *   line()                       height of a line in pixels; without it they are as high as the page's styles make them, all alike
 *   across()                     elements in a line
 *   open(key)                    Enter, Space or a click
 *   side(key, direction)         "left" or "right" was pressed where one element fills the line
 *   seen(keys)                   other keys are in the page than before
 *   nearEnd()                    the end is near: more may be shown, where there are more
 *   top(reached)                 the top is reached or left
 * One element is reached by Tab, the others by the arrow keys from there: the first in sight, until one was chosen; that stays in the page
 * wherever the list is scrolled.
 */
export function windowedList(box, rows, { make, update, line = null, across = () => 1, open, side = () => {}, seen = () => {}, nearEnd = () => {}, top = () => {} }) {
  const lineHeight = line ?? styledHeight;
  const shown = new Map();
  let keys = [];
  let places = new Map();
  let [active, chosen] = [null, false];
  let [styled, wasTop] = [0, true];
  let spare = [];
  let waiting = false;
  const view = { top: 0, height: 0, head: 0 };

  function measure() {
    view.top = box.scrollTop;
    view.height = box.clientHeight;
    view.head = rows.offsetTop;
  }

  function styledHeight() {
    if (styled || !box.clientHeight) return styled;
    const probe = make();
    probe.style.visibility = "hidden";
    rows.append(probe);
    styled = probe.getBoundingClientRect().height;
    probe.remove();
    return styled;
  }

  function wanted() {
    const [height, wide] = [lineHeight(), across()];
    const beyond = wide > 1 ? 1 : BEYOND;
    const first = Math.max(0, Math.floor(view.top / height) - beyond) * wide;
    const last = (Math.ceil((view.top + view.height) / height) + beyond) * wide;
    const found = keys.slice(first, last);
    if (!chosen) active = keys[Math.min(Math.ceil(view.top / height) * wide, keys.length - 1)] ?? null;
    if (active !== null && places.has(active)) {
      if (places.get(active) < first) found.unshift(active);
      else if (places.get(active) >= first + found.length) found.push(active);
    }
    return found;
  }

  function draw() {
    const [height, wide] = [lineHeight(), across()];
    if (!height) return; // nobody sees it
    rows.style.height = `${Math.ceil(keys.length / wide) * height}px`;
    const next = wanted();
    const stays = new Set(next);
    const focused = rows.contains(document.activeElement) ? document.activeElement : null;
    const focusedKey = focused && rowOf(focused).listKey;
    let others = false;
    for (const [key, element] of shown) {
      if (stays.has(key)) continue;
      shown.delete(key);
      element.remove();
      spare.push(element);
      others = true;
    }
    let after = rows.firstElementChild;
    for (const key of next) {
      let element = shown.get(key);
      const place = places.get(key);
      if (!element) {
        element = spare.pop() ?? make();
        shown.set(key, element);
        others = true;
        write(element, key, place);
      } else if (element.listPlace !== place) {
        write(element, key, place);
      }
      put(element, place, height, wide);
      element.tabIndex = key === active ? 0 : -1;
      if (element === after) after = after.nextElementSibling;
      else rows.insertBefore(element, after);
    }
    spare = spare.slice(0, 40 * wide);
    if (focused && document.activeElement !== focused) {
      const stayed = rows.contains(focused) && rowOf(focused).listKey === focusedKey;
      (stayed ? focused : shown.get(active))?.focus({ preventScroll: true });
    }
    if (others) seen(next);
    if (view.height && (view.top + view.height) / height + NEAR >= keys.length / wide) nearEnd();
    const isTop = view.top < Math.max(4, height / 2);
    if (isTop === wasTop) return;
    wasTop = isTop;
    top(wasTop);
  }

  /** The element of the list in which `node` is. */
  function rowOf(node) {
    let row = node;
    while (row && row.parentElement !== rows) row = row.parentElement;
    return row;
  }

  function write(element, key, place) {
    element.listKey = key;
    element.listPlace = place;
    update(element, key, place);
  }

  function put(element, place, height, wide) {
    const position = `${wide > 1 ? `${(place % wide) * 100}%` : "0"},${Math.floor(place / wide) * height}px`;
    if (element.listPosition === position) return;
    element.listPosition = position;
    element.style.transform = `translate(${position})`;
  }

  function drawSoon() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  }

  function goTo(place) {
    const key = keys[Math.max(0, Math.min(keys.length - 1, place))];
    if (key === undefined) return;
    [active, chosen] = [key, true];
    reveal(key);
    draw();
    shown.get(key)?.focus({ preventScroll: true });
  }

  function reveal(key) {
    const height = lineHeight();
    const begins = Math.floor(places.get(key) / across()) * height;
    const room = view.height - view.head;
    if (begins < view.top) view.top = box.scrollTop = begins;
    else if (begins + height > view.top + room) view.top = box.scrollTop = begins + height - room;
  }

  rows.addEventListener("keydown", (event) => {
    const element = event.target.closest("[tabindex]");
    if (element?.parentElement !== rows || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = element.listPlace;
    const page = Math.max(1, Math.floor((view.height - view.head) / lineHeight()) - 1) * across();
    const where = KEYS[event.key];
    if (event.key === "Enter" || event.key === " ") {
      if (!event.repeat) open(element.listKey); // a key that is held means it once
    } else if (where === "down") goTo(place + across() < keys.length ? place + across() : place);
    else if (where === "up") goTo(place - across() >= 0 ? place - across() : place);
    else if (where === "left" || where === "right") {
      if (across() > 1) goTo(place + (where === "left" ? -1 : 1));
      else side(element.listKey, where);
    } else if (where === "first") goTo(0);
    else if (where === "last") goTo(keys.length - 1);
    else if (where === "page") goTo(place + page);
    else if (where === "back") goTo(place - page);
    else return;
    event.preventDefault();
  });
  rows.addEventListener("focusin", ({ target }) => ([active, chosen] = [rowOf(target).listKey, true]));
  // What was under the pointer when it went down: it may move before it comes up.
  let pressed;
  rows.addEventListener("pointerdown", ({ target }) => (pressed = rowOf(target)?.listKey));
  rows.addEventListener("click", ({ target, detail }) => {
    const key = (detail ? pressed : undefined) ?? rowOf(target)?.listKey; // no pointer went down for a click by a screen reader
    const marked = getSelection();
    if (!places.has(key) || (String(marked) && rows.contains(marked.anchorNode))) return; // words are marked to be copied
    [active, chosen] = [key, true];
    draw();
    shown.get(key).focus({ preventScroll: true });
    open(key);
  });
  box.addEventListener("scroll", () => {
    view.top = box.scrollTop;
    drawSoon();
  }, { passive: true });
  new ResizeObserver(() => {
    styled = 0;
    measure();
    drawSoon();
  }).observe(box);

  return {
    /** Other keys, or another order. */
    show(wantedKeys) {
      const before = places.get(active) ?? 0;
      keys = wantedKeys;
      places = new Map(keys.map((key, place) => [key, place]));
      if (!places.has(active)) active = keys[Math.min(before, keys.length - 1)] ?? null;
      measure();
      draw();
    },
    /** Writes these keys anew, as far as they are in the page; all of them without `some`. */
    touch(some) {
      if (!some || some.size > shown.size) {
        for (const [key, element] of shown) if (!some || some.has(key)) update(element, key, element.listPlace);
      } else {
        for (const key of some) if (shown.has(key)) update(shown.get(key), key, places.get(key));
      }
    },
    /** Makes all elements anew. */
    reset() {
      rows.replaceChildren();
      shown.clear();
      spare = [];
      measure();
      draw();
    },
    /** Draws again with the sizes of now. */
    layout() {
      measure();
      draw();
    },
    /** Brings a key into sight. */
    reveal(key) {
      if (!places.has(key)) return;
      [active, chosen] = [key, true];
      reveal(key);
      draw();
    },
    atTop: () => box.scrollTop < Math.max(4, lineHeight() / 2),
    toTop() {
      view.top = box.scrollTop = 0;
      draw();
    },
    focus: () => shown.get(active)?.focus({ preventScroll: true }),
    /** The elements in the page, by key. */
    elements: () => shown,
  };
}
