// Where stock counts come from, and since when one of them is silent.

import { element, fill, keepChildren, write } from "../dom.js";

/** Keeps `section` true to the sources of the plan. */
export function sourcesOf(section, { words: say, clock, room }) {
  const list = section.querySelector("ul");
  function made([name]) {
    const line = element("li", "source");
    line.append(element("b", "name", name), element("span", "told"));
    return line;
  }

  function update(line, [, source]) {
    const stale = source.silent_since !== null;
    line.dataset.stale = stale;
    const told = stale ? fill(say.source_stale, { ago: clock.since(source.silent_since) }) : say.source_fresh;
    write(line.querySelector(".told"), told);
  }

  function show() {
    keepChildren(list, Object.entries(room.direction.sources), { key: ([name]) => name, make: made, update });
  }

  return { show, tick: show };
}
