// A list of any length of which only the lines in sight are there. All lines are equally high.

import { keepChildren } from "../../dom.js";

const AROUND = 8; // lines above and below those in sight
const NEAR_END = 30; // lines before the end from which on more are wanted

/**
 * Lines in `scroller`, a listbox: `make()` makes one, `update(line, entry)` fills it; entries have a `seq`. Enter or a click calls
 * `onOpen(entry)`, `onEnd()` is called when the end comes near, `onTop(atTop)` when the top is reached or left.
 * Gives {show(entries), current(), choose(seq), toTop(), atTop()}.
 */
export function linesIn(scroller, { make, update, onOpen, onEnd, onTop }) {
  const space = scroller.firstElementChild;
  let entries = [];
  let height = 0;
  let chosen = null;
  let drawing = false;
  let wasTop = true;

  const place = () => (chosen === null ? -1 : entries.findIndex(({ seq }) => seq === chosen));
  const atTop = () => scroller.scrollTop < Math.max(4, height / 2);

  function measure() {
    const probe = make();
    probe.style.visibility = "hidden";
    space.append(probe);
    height = probe.getBoundingClientRect().height;
    probe.remove();
  }

  function draw() {
    drawing = false;
    if (!scroller.clientHeight) return;
    if (!height) measure();
    space.style.height = `${entries.length * height}px`;
    const first = Math.max(0, Math.floor(scroller.scrollTop / height) - AROUND);
    const last = Math.ceil((scroller.scrollTop + scroller.clientHeight) / height) + AROUND;
    const seen = entries.slice(first, last);
    keepChildren(space, seen, { key: ({ seq }) => seq, make, update: fillLine(first, new Map(seen.map((each, at) => [each, at]))) });
    scroller.toggleAttribute("data-empty", entries.length === 0);
    const active = chosen === null ? null : document.getElementById(`log-line-${chosen}`);
    if (active) scroller.setAttribute("aria-activedescendant", active.id);
    else scroller.removeAttribute("aria-activedescendant");
    if (last + NEAR_END >= entries.length) onEnd();
    if (atTop() !== wasTop) {
      wasTop = !wasTop;
      onTop(wasTop);
    }
  }

  function fillLine(first, at) {
    return (line, entry) => {
      const index = first + at.get(entry);
      line.id = `log-line-${entry.seq}`;
      line.style.transform = `translateY(${index * height}px)`;
      line.setAttribute("aria-posinset", index + 1);
      line.setAttribute("aria-setsize", -1);
      line.setAttribute("aria-selected", entry.seq === chosen);
      update(line, entry);
    };
  }

  function drawSoon() {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(draw);
  }

  function choose(index) {
    if (!entries.length) return;
    const to = Math.min(entries.length - 1, Math.max(0, index));
    chosen = entries[to].seq;
    const top = to * height;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + height > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + height - scroller.clientHeight;
    draw();
  }

  const inSight = () => Math.max(1, Math.floor(scroller.clientHeight / height) - 1);
  const moves = {
    ArrowDown: () => place() + 1,
    ArrowUp: () => place() - 1,
    PageDown: () => place() + inSight(),
    PageUp: () => place() - inSight(),
    Home: () => 0,
    End: () => entries.length - 1,
  };

  scroller.addEventListener("scroll", drawSoon, { passive: true });
  scroller.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (moves[event.key]) choose(moves[event.key]());
    else if ((event.key === "Enter" || event.key === " ") && place() >= 0) onOpen(entries[place()]);
    else return;
    event.preventDefault();
  });
  // The line that was under the pointer when it went down: lines may move before it comes up.
  let pressed = null;
  const lineAt = (event) => event.target.closest(".log-line")?.dataset.key ?? null;
  scroller.addEventListener("pointerdown", (event) => {
    pressed = lineAt(event);
  });
  scroller.addEventListener("click", (event) => {
    const seq = Number(pressed ?? lineAt(event));
    const index = entries.findIndex((entry) => entry.seq === seq);
    if (index < 0 || String(getSelection())) return; // somebody marks words to copy them
    choose(index);
    onOpen(entries[index]);
  });
  new ResizeObserver(() => {
    height = 0;
    drawSoon();
  }).observe(scroller);

  return {
    /** Shows these; what is being read stays where it is, unless it is at the top. */
    show(wanted) {
      entries = wanted;
      draw();
    },
    toTop() {
      scroller.scrollTop = 0;
      drawSoon();
    },
    atTop,
  };
}
