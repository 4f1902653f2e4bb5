// What actions say and ask about items.

import { fill } from "../dom.js";

const GONE = new Set(["sold_out", "closed"]);
const NOT_YET = new Set([...GONE, "upcoming"]);

/** The first variant that can be bought; without one, the first still to come, else the first of all. */
const firstChoice = (variants) =>
  variants.find(({ state }) => !NOT_YET.has(state)) ?? variants.find(({ state }) => !GONE.has(state)) ?? variants[0];

const linked = (link, { link_number: text }, title) => [link && fill(text, { n: link }), title].filter(Boolean).join(" ");

/** An item as people call it: "link 3 Wool scarf red", its title and variant alone where it has no link. */
export const itemName = ({ room, words }, sku) => linked(room.items.get(sku)?.link, words, room.title(sku));

/** The same without the variant, which stands by itself then. */
export function linkName({ room, words }, sku) {
  const item = room.items.get(sku);
  return linked(item?.link, words, item?.title ?? sku);
}

/** What a product is called: its variants' title; its own name goes with it where another product has the same. */
export function productNames(room) {
  const titles = new Map();
  for (const sku of room.order) {
    const { product, title } = room.items.get(sku);
    if (product && !titles.has(product)) titles.set(product, title);
  }
  const [once, twice] = [new Set(), new Set()];
  for (const title of titles.values()) (once.has(title) ? twice : once).add(title);
  return new Map([...titles].map(([product, title]) => [product, twice.has(title) ? `${title} · ${product}` : title]));
}

/** The skus on air in the room, in running order. */
export const onAirNow = (room) => room.order.filter((sku) => room.items.get(sku)?.on_air);

/**
 * The sku that comes `by` = 1 after or -1 before what is on air: of another product, and forwards not one that is gone. Null: none. Buttons
 * step so, too: `web/buttons/computing.py`.
 */
export function stepFrom(room, by) {
  const here = room.items.get(room.onAir);
  const place = here ? room.order.indexOf(room.onAir) : -1;
  for (let at = place + by; at >= 0 && at < room.order.length; at += by) {
    const item = room.items.get(room.order[at]);
    if (item.on_air || (here?.product && item.product === here.product)) continue;
    if (by < 0) return firstChoice((room.products[item.product]?.variants ?? [item.sku]).map((sku) => room.items.get(sku))).sku;
    if (!GONE.has(item.state)) return item.sku;
  }
  return null;
}

/** Units over all locations: of one item, or of all. */
export function unitsIn(room, column, sku = null) {
  const items = sku === null ? [...room.units.values()] : [room.units.get(sku)].filter(Boolean);
  let sum = 0;
  for (const { locations } of items) for (const row of Object.values(locations)) sum += row[column];
  return sum;
}

/** Locations to choose one of: those of the plan. */
export const locationsToChoose = (plan) => Object.entries(plan.locations).map(([value, label]) => ({ value, label: label || value }));

/** `text` with the item's title in it. */
export const saidOf = (text, room, sku, values = {}) => fill(text, { title: room.title(sku), ...values });
