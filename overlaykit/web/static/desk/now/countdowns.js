// The countdowns that run, on the server's clock, and those to start.

import { doesOnClick } from "../actions/act.js";
import { clockText } from "../actions/form.js";
import { element, fill, keepChildren, write } from "../dom.js";

const PRESETS = [1, 3, 5, 10];
const LONGER = [30, 60];

/** Keeps `section` true to them. */
export function countdownsNow(section, desk) {
  const { words: say, room, may, clock } = desk;
  const list = section.querySelector("ul");
  const forItem = section.querySelector(".for-item input");

  function begin() {
    const keys = section.querySelector(".presets");
    for (const minutes of PRESETS) {
      const button = element("button", "", fill(say.minutes, { n: minutes }));
      keys.append(doesOnClick(button, desk, "countdown.start", () => ({
        seconds: 60 * minutes, ...(forItem.checked && room.onAir ? { sku: room.onAir, name: room.onAir } : {}),
      })));
    }
    keys.append(doesOnClick(element("button", "", say.other), desk, "countdown.start"));
  }
  if (may) begin();

  function made({ name }) {
    const line = element("li", "countdown");
    line.append(element("span", "name"), element("b", "left number"), element("small", "of"));
    if (!may) return line;
    const keys = element("div", "keys");
    for (const seconds of LONGER) {
      const label = seconds < 60 ? fill(say.seconds_more, { n: seconds }) : fill(say.minutes_more, { n: seconds / 60 });
      keys.append(doesOnClick(element("button", "", label), desk, "countdown.extend", () => ({ name, seconds })));
    }
    keys.append(doesOnClick(element("button", "stop", say.stop), desk, "countdown.stop", () => ({ name })));
    line.append(keys);
    return line;
  }

  function update(line, { name, sku, ends_at: ends }) {
    const left = clock.left(ends);
    write(line.querySelector(".name"), name);
    write(line.querySelector(".left"), clockText(left));
    write(line.querySelector(".of"), sku ? room.title(sku) : "");
    line.dataset.soon = left <= 10;
  }

  function show() {
    keepChildren(list, Object.values(room.countdowns), { key: ({ name }) => name, make: made, update });
    forItem.disabled = !room.onAir;
  }

  return {
    show: (changes) => (changes.all || changes.countdowns || changes.onAir) && show(),
    tick: () => Object.keys(room.countdowns).length && show(),
  };
}
