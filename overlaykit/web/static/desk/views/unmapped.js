// Orders that wait because the plan has no item for what a platform calls something in them: a person says which item it is.

import { element, fill, keepChildren, write } from "../dom.js";
import { itemPicker } from "../item_picker.js";
import { onPress, onPressTwice, refused } from "../press.js";

/** Keeps `section` true to them. */
export function unmappedOf(section, desk) {
  const { words: say, plan, may, send, clock, room } = desk;
  const list = section.querySelector("ul");
  const summary = section.querySelector(".summary");

  function made({ channel, platform_sku }) {
    const card = element("li", "unmapped");
    const alarm = element("p", "alarm");
    alarm.setAttribute("role", "alert");
    card.append(element("p", "text"), element("small", "why"));
    if (may) {
      const keys = element("div", "keys");
      const item = itemPicker(desk, say.unmapped_item);
      const quantity = element("input");
      Object.assign(quantity, { type: "number", min: 1, step: 1, value: 1, required: true });
      const label = element("label", "quantity", say.unmapped_quantity);
      label.append(quantity);
      const map = element("button", "yes", say.unmapped_map);
      const drop = element("button", "no", say.unmapped_drop);
      for (const button of [map, drop]) button.type = "button";
      onPress(map, alarm, () => {
        if (!item.value()) return refused(say.unmapped_choose);
        if (!quantity.checkValidity()) return refused(say.unmapped_units);
        return send({ type: "quarantine.map", channel, platform_sku, sku: item.value(), quantity: quantity.valueAsNumber });
      });
      onPressTwice(drop, alarm, say.press_again, () => send({ type: "quarantine.drop", channel, platform_sku }));
      keys.append(item.place, label, map, drop);
      card.append(keys);
    }
    card.append(alarm);
    return card;
  }

  function update(card, each) {
    write(card.querySelector(".text"), fill(say.unmapped_what, { ...each, channel: plan.channels[each.channel] ?? each.channel }));
    write(card.querySelector(".why"), fill(say.unmapped_since, { ...each, ago: clock.since(each.since) }));
  }

  function show() {
    const { unmapped } = room.direction;
    section.hidden = unmapped.length === 0;
    keepChildren(list, unmapped, { key: ({ channel, platform_sku: sku }) => `${channel} ${sku}`, make: made, update });
    write(summary, fill(say.unmapped_open, { n: unmapped.length }));
  }

  /** Leads to what an alert is about: `CHANNEL PLATFORM_SKU`. */
  function open(name) {
    const card = [...list.children].find((each) => each.dataset.key === name);
    card?.scrollIntoView({ block: "nearest" });
    (card?.querySelector("input") ?? card)?.focus();
  }

  return { show, open, tick: show };
}
