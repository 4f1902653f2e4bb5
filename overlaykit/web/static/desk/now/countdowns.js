// The countdowns that run, on the server's clock, those that are over and still shown, and those to start.

import { doesOnClick } from "../actions/act.js";
import { clockText } from "../clock.js";
import { dropOf } from "../drops.js";
import { element, fill, focusStays, keepChildren, write } from "../dom.js";

const PRESETS = [1, 3, 5, 10];
const LONGER = [30, 60];

/** Keeps `section` true to them. */
export function countdownsNow(section, desk) {
  const { words: say, room, may, clock } = desk;
  const list = section.querySelector("ul");
  const forItem = section.querySelector(".for-item input");
  const clear = doesOnClick(element("button", "clear", say["act_countdown.clear"]), desk, "countdown.clear");

  function begin() {
    const keys = section.querySelector(".presets");
    for (const minutes of PRESETS) {
      const button = element("button", "", fill(say.minutes, { n: minutes }));
      keys.append(doesOnClick(button, desk, "countdown.start", () => ({
        seconds: 60 * minutes, ...(forItem.checked && room.onAir ? { sku: room.onAir, name: room.onAir } : {}),
      })));
    }
    keys.append(doesOnClick(element("button", "", say.other), desk, "countdown.start"));
    list.after(clear);
  }
  if (may) begin();

  function made({ name }) {
    const line = element("li", "countdown");
    line.append(element("span", "name"), element("b", "left number"), element("small", "of"));
    if (!may || dropOf(desk.plan, name)) return line;
    const keys = element("div", "keys");
    for (const seconds of LONGER) {
      const label = seconds < 60 ? fill(say.seconds_more, { n: seconds }) : fill(say.minutes_more, { n: seconds / 60 });
      keys.append(doesOnClick(element("button", "", label), desk, "countdown.extend", () => ({ name, seconds })));
    }
    keys.append(doesOnClick(element("button", "stop", say.stop), desk, "countdown.stop", () => ({ name })));
    line.append(keys);
    return line;
  }

  function titleOf(name) {
    const found = dropOf(desk.plan, name);
    return found ? fill(say[`drop_${found.part}s`], { name: found.drop }) : name;
  }

  function update(line, { name, sku, ends_at: ends }) {
    const left = clock.left(ends);
    write(line.querySelector(".name"), titleOf(name));
    write(line.querySelector(".left"), left ? clockText(left) : say.countdown_over);
    write(line.querySelector(".stop"), left ? say.stop : say.take_down);
    write(line.querySelector(".of"), sku ? room.title(sku) : "");
    line.dataset.soon = left > 0 && left <= 10;
    line.dataset.over = left === 0; // the overlays show it as their theme does, until it is taken down
  }

  function show() {
    const over = ({ ends_at: ends }) => Number(clock.left(ends) === 0);
    const all = Object.values(room.countdowns).sort((one, other) => over(one) - over(other));
    clear.hidden = all.filter((each) => over(each) && !dropOf(desk.plan, each.name)).length < 2;
    const lines = { key: ({ name }) => name, make: made, update };
    focusStays(list, "li", section.querySelector("h2"), () => keepChildren(list, all, lines));
    forItem.disabled = !room.onAir;
  }

  return {
    show: (changes) => (changes.all || changes.countdowns || changes.onAir) && show(),
    tick: () => Object.keys(room.countdowns).length && show(),
  };
}
