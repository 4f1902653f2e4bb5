// How much of an item a channel may sell, and batches.

import { fill } from "../dom.js";

export function quotaActions({ words: say, plan, room }) {
  const channels = Object.entries(plan.channels).map(([value, label]) => ({ value, label }));
  const dropsThat = (...states) =>
    Object.entries(plan.drops).filter(([name, { sku }]) => states.includes(room.units.get(sku)?.drops[name]?.status))
      .map(([value, { sku }]) => ({ value, label: `${value} · ${room.title(sku)}` }));
  const dropNow = (name) => room.units.get(plan.drops[name].sku).drops[name];
  const dropField = (...states) => ({ name: "drop", type: "choice", label: say.field_drop, required: true, options: dropsThat(...states) });
  const about = ({ drop }) => `${drop} · ${room.title(plan.drops[drop]?.sku)}`;

  return [
    {
      id: "allotment.set", group: "units", running: true,
      done: ({ sku, channel, quantity }) => `${room.title(sku)} · ${plan.channels[channel]} ${quantity ?? say.allotment_pool}`,
      available: () => channels.length > 0,
      possibleFor: ({ sku }) => room.units.get(sku)?.pool !== null,
      fields: () => [
        { name: "sku", type: "sku", label: say.field_item, required: true },
        { name: "channel", type: "choice", label: say.field_channel, required: true, options: channels, value: channels[0]?.value },
        { name: "quantity", type: "integer", label: say.field_allotted, min: 0, max: 1e9 },
      ],
      given: ({ quantity }) => quantity !== undefined,
      command: ({ sku, channel, quantity }) => ({ type: "allotment.set", sku, channel, quantity: quantity ?? null }),
      undo: {
        before: ({ sku, channel }) => room.units.get(sku)?.allotments[channel]?.allotted ?? null,
        after: ({ quantity }) => quantity,
        back: (command, was) => ({ ...command, quantity: was }),
      },
    },
    {
      id: "drop.release", group: "units", running: true, done: about,
      available: () => dropsThat("pending").length > 0,
      fields: () => [dropField("pending")],
      command: ({ drop }) => ({ type: "drop.release", drop }),
      consequence({ drop }) {
        const { sku, price } = plan.drops[drop];
        const values = { drop, title: room.title(sku), units: dropNow(drop).left, price: price ?? room.items.get(sku)?.price ?? "—" };
        return fill(say.ask_release, values);
      },
    },
    {
      id: "drop.close", group: "units", done: about,
      available: () => dropsThat("pending", "open").length > 0,
      fields: () => [dropField("pending", "open")],
      command: ({ drop }) => ({ type: "drop.close", drop }),
      consequence: ({ drop }) => fill(say.ask_drop_close, { drop, title: room.title(plan.drops[drop].sku), left: dropNow(drop).left, sold: dropNow(drop).sold }),
    },
  ];
}
