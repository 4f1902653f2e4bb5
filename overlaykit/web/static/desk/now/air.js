// What is on air: its link number, what is left, how fast it goes, what comes next; next and previous, and a link number to put on air.

import { doesOnClick, doesWith } from "../actions/act.js";
import { itemName, onAirNow, stepFrom } from "../actions/about.js";
import { element, fill, keepChildren, write } from "../dom.js";

/** Keeps `section` true to it. */
export function airNow(section, desk) {
  const { words: say, room, plan, may, clock } = desk;
  const part = (name) => section.querySelector(`.${name}`);
  const channels = Object.keys(plan.channels);
  const choice = part("for-channel");
  const numbers = new Intl.NumberFormat(desk.lang);

  if (may) {
    doesOnClick(part("previous"), desk, "air.previous");
    doesOnClick(part("next"), desk, "air.next");
    const form = part("by-link");
    const input = form.querySelector("input");
    choice.append(new Option(say.channel_all, ""), ...channels.map((name) => new Option(plan.channels[name] || name, name)));
    choice.hidden = channels.length < 2;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!form.reportValidity()) return;
      input.select(); // whoever types on before the answer is there types the next one
      doesWith(input, desk, "air.link", { link: input.valueAsNumber, channel: choice.value || undefined });
    });
  }

  function variants(skus) {
    part("variants").hidden = skus.length < 2;
    keepChildren(part("variants"), skus.length < 2 ? [] : skus.map((sku) => room.items.get(sku)), {
      key: ({ sku }) => sku,
      make: () => {
        const line = element("li");
        line.append(element("span", "variant"), element("b", "number"));
        return line;
      },
      update(line, item) {
        line.dataset.heat = item.heat;
        write(line.querySelector(".variant"), item.variant ?? item.sku);
        write(line.querySelector(".number"), numbers.format(item.available));
      },
    });
  }

  function byChannel() {
    const own = Object.entries(room.onAirBy).filter(([channel]) => channels.includes(channel));
    part("channels").hidden = own.length === 0;
    keepChildren(part("channels"), own, {
      key: ([channel]) => channel,
      make: () => element("li"),
      update: (line, [channel, sku]) => {
        const what = room.items.has(sku) ? itemName(desk, sku) : say.air_nothing;
        write(line, `${plan.channels[channel] || channel}${say.colon}${what}`);
      },
    });
  }

  const comesWhole = ({ sku, link }) => link && [...room.items.values()].some((other) => other.link === link && other.sku !== sku);

  function pace(item) {
    if (item.pace_per_minute === null) return "";
    const runsOut = item.sells_out_at ? fill(say.sells_out, { time: clock.time(item.sells_out_at).slice(0, 5) }) : "";
    return [fill(say.pace, { n: numbers.format(Math.round(item.pace_per_minute)) }), runsOut].filter(Boolean).join(say.comma);
  }

  function show(changes) {
    if (!changes.all && !changes.onAir && !changes.order && !changes.session && changes.items.size === 0) return;
    const item = room.items.get(room.onAir);
    const skus = onAirNow(room);
    section.dataset.empty = !item;
    section.dataset.heat = item?.heat ?? "grey";
    write(part("link"), item?.link ?? "—");
    write(part("title"), item ? item.title : say.air_nothing);
    write(part("subtitle"), item ? [skus.length > 1 ? "" : item.variant, desk.money(item.price)].filter(Boolean).join(" · ") : "");
    const available = skus.length > 1 ? skus.reduce((sum, sku) => sum + room.items.get(sku).available, 0) : item?.available;
    write(part("available"), available === undefined ? "" : numbers.format(available));
    write(part("state"), item ? say[`state_${item.state}`] : "");
    write(part("pace"), item ? pace(item) : "");
    part("old").hidden = !item?.stale;
    variants(skus);
    byChannel();
    const next = room.items.get(stepFrom(room, 1));
    const over = room.session.status === "closed";
    part("over").hidden = !over;
    part("up-next").hidden = over;
    write(part("up-next"), next ? fill(say.up_next, { n: next.link ?? "", title: comesWhole(next) ? next.title : room.title(next.sku) }) : say.up_next_none);
    if (!may) return;
    for (const name of ["steps", "by-link"]) part(name).hidden = over;
    part("next").disabled = !next;
    part("previous").disabled = stepFrom(room, -1) === null;
  }

  return { show };
}
