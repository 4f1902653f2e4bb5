// What platforms told and could not be counted: tried again or dropped by a person; and messages that nobody here understands.

import { element, fill, keepChildren, write } from "../dom.js";
import { inLanguage } from "../language.js";
import { onPress, onPressTwice, request } from "../press.js";

/** The parts of `section` for them. */
export function lettersOf(section, { words: say, may, clock, api, lang }) {
  const [dead, odd] = [section.querySelector(".dead"), section.querySelector(".odd")];
  const alarm = dead.querySelector(".alarm");
  const again = dead.querySelector(".all");

  function pressed(className, label, press, action) {
    const button = element("button", className, label);
    button.type = "button";
    button.hidden = !may;
    press(button, action);
    return button;
  }
  const once = (button, action) => onPress(button, alarm, action);
  const twice = (button, action) => onPressTwice(button, alarm, say.press_again, action);

  again.hidden = !may;
  once(again, () => request("POST", `${api}/inbox/replay`, {}, say));

  function made({ id }) {
    const line = element("li");
    const keys = element("span", "keys");
    keys.append(
      pressed("again", say.inbox_again, once, () => request("POST", `${api}/inbox/replay`, { ids: [id] }, say)),
      pressed("drop", say.inbox_drop, twice, () => request("POST", `${api}/inbox/drop`, { ids: [id] }, say)),
    );
    line.append(element("span", "what"), element("span", "why"), keys);
    return line;
  }

  function update(line, letter) {
    const orders = letter.orders.map((order) => fill(say.inbox_order, { order })).join(", ");
    const said = [letter.channel, orders || letter.kinds.join(", "), clock.since(letter.received_at) + say.outside_ago];
    write(line.querySelector(".what"), said.join(" · "));
    write(line.querySelector(".why"), inLanguage(letter.why, lang));
  }

  return {
    /** As the inbox is now. */
    show(inbox) {
      dead.hidden = inbox.dead.count === 0;
      write(dead.querySelector("summary"), fill(say.inbox_dead, { n: inbox.dead.count }));
      keepChildren(dead.querySelector("ol"), inbox.dead.letters, { key: ({ id }) => id, make: made, update });
      odd.hidden = inbox.odd.length === 0;
      write(odd.querySelector("summary"), fill(say.inbox_odd, { n: inbox.odd.length }));
      keepChildren(odd.querySelector("ol"), inbox.odd, {
        key: ({ app, at, what, body }) => `${app} ${at} ${what} ${body}`,
        make: () => {
          const line = element("li");
          line.append(element("span", "what"), element("code", "body"));
          return line;
        },
        update: (line, message) => {
          write(line.querySelector(".what"), [message.app, message.what, inLanguage(message.why, lang), clock.time(message.at)].filter(Boolean).join(" · "));
          write(line.querySelector(".body"), message.body);
        },
      });
    },
  };
}
