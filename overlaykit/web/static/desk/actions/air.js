// What is on air: by link number, next and previous, for the room or for a channel.

import { fill } from "../dom.js";
import { onAirNow, stepFrom } from "./about.js";

/** What is on air: the skus of the room, or the sku of a channel with one of its own. */
const before = (command, room) => (command.channel ? room.onAirBy[command.channel] ?? null : onAirNow(room));

export function airActions({ words: say, plan, room }) {
  const channels = Object.entries(plan.channels).map(([value, label]) => ({ value, label }));
  const channelField = { name: "channel", type: "choice", label: say.field_channel, options: [{ value: "", label: say.channel_all }, ...channels] };
  const forChannel = (channel) => (channel ? { channel } : {});

  const undo = {
    before,
    after(command) {
      if (command.channel) return undefined;
      if (command.sku !== undefined) return command.sku === null ? [] : [command.sku];
      const [field, value] = command.product ? ["product", command.product] : ["link", command.link];
      return room.order.filter((sku) => room.items.get(sku)[field] === value);
    },
    back(command, was) {
      if (command.channel) return { type: "item.feature", sku: was, channel: command.channel };
      if (was.length === 0) return { type: "item.feature", sku: null };
      const [first] = was.map((sku) => room.items.get(sku));
      if (was.length === 1 || !first) return { type: "item.feature", sku: was[0] };
      return first.product ? { type: "item.feature", product: first.product } : { type: "item.feature", link: first.link };
    },
  };

  const about = ({ sku, link, product }) => {
    if (sku === null) return say.air_nothing;
    const item = sku ? room.items.get(sku) : [...room.items.values()].find((each) => each.link === link || (product && each.product === product));
    return item ? [item.link && fill(say.link_number, { n: item.link }), item.title].filter(Boolean).join(" ") : String(link ?? sku);
  };

  const step = (by) => ({
    running: true,
    fields: () => [],
    given: () => true,
    available: () => stepFrom(room, by) !== null,
    command: () => {
      const sku = stepFrom(room, by);
      return sku ? featured(room, sku) : null;
    },
    undo, done: about,
  });

  return [
    {
      id: "item.feature", group: "air", running: true, undo, done: about,
      fields: () => [
        { name: "sku", type: "sku", label: say.field_item, required: true },
        ...(channels.length > 1 ? [channelField] : []),
      ],
      given: ({ sku, link }) => sku !== undefined || link !== undefined,
      command: ({ sku, link, channel }) =>
        link === undefined ? { type: "item.feature", sku, ...forChannel(channel) } : { type: "item.feature", link, ...forChannel(channel) },
    },
    {
      id: "air.link", group: "air", running: true, undo, done: about, keys: say.keys_link,
      fields: () => [
        { name: "link", type: "integer", label: say.field_link, required: true, min: 1, max: 9999 },
        ...(channels.length > 1 ? [channelField] : []),
      ],
      given: ({ link }) => link !== undefined,
      command: ({ link, channel }) => ({ type: "item.feature", link, ...forChannel(channel) }),
    },
    { id: "air.next", group: "air", hotkey: "Shift+n", ...step(1) },
    { id: "air.previous", group: "air", hotkey: "Shift+p", ...step(-1) },
    {
      id: "air.nothing", group: "air", undo, done: about,
      fields: () => [], given: () => true,
      available: () => onAirNow(room).length > 0,
      command: ({ channel }) => ({ type: "item.feature", sku: null, ...forChannel(channel) }),
    },
  ];
}

/** The command that puts an item on air with all its variants, as the link number does. */
export function featured(room, sku) {
  const item = room.items.get(sku);
  return item?.link ? { type: "item.feature", link: item.link } : { type: "item.feature", sku };
}
