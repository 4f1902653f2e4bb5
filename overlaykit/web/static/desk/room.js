// The room as this page knows it: what the feed said, merged, and whoever wants to hear of changes.

import { apart } from "./apart.js";

const HIDDEN_EVERY = 500; // a page that nobody sees is not drawn, but its badges and sounds go on

/** What changed since a listener was called last. `items`: a Set of skus. */
export function noChanges() {
  return {
    all: false, items: new Set(), order: false, session: false, onAir: false, countdowns: false, announcements: false,
    direction: false, pushed: false,
  };
}

/** Adds the changes of `more` to `changes`. */
export function addChanges(changes, more) {
  for (const [name, value] of Object.entries(more)) {
    if (name === "items") for (const sku of value) changes.items.add(sku);
    else changes[name] ||= value;
  }
}

/**
 * The room:
 *   seq, session (head of the board), order (skus in running order), onAir (sku or null), onAirBy (channel → sku, for channels with an
 *   item of their own), stale, staleSince (this computer's milliseconds since 1970, or null)
 *   items     Map sku → item of the public board; units: Map sku → what only the desk sees of it (locations, allotments …)
 *   products, countdowns, announcements, direction (rules, tasks, alerts, OBS, sources, connectors …), pushed: as the feed says them
 * `take(frame)` takes what the feed says in; `listen(listener)` has `listener(changes)` called, at most once for each picture.
 * `reached(seq)` waits until the page shows the room as it is after this entry.
 */
export function roomOf() {
  const listeners = [];
  let awaited = [];
  let changes = noChanges();
  let waiting = false;
  const room = {
    seq: 0, session: null, order: [], onAir: null, onAirBy: {}, stale: false, staleSince: null,
    items: new Map(), units: new Map(), products: {}, countdowns: {}, announcements: [], direction: null, pushed: {},
    title(sku) {
      const item = room.items.get(sku);
      return item ? [item.title, item.variant].filter(Boolean).join(" ") : sku;
    },
    take,
    listen: (listener) => listeners.push(listener),
    reached: (seq) => (waiting || room.seq < seq ? new Promise((go) => awaited.push({ seq, go })) : Promise.resolve()),
  };

  function take(frame) {
    const whole = frame.type === "board";
    if (whole) {
      changes.all = true;
      room.items.clear();
      room.units.clear();
      [room.products, room.pushed] = [{}, {}];
    }
    room.seq = frame.seq;
    for (const [sku, item] of Object.entries(frame.items ?? {})) {
      room.items.set(sku, item);
      changes.items.add(sku);
    }
    for (const [sku, units] of Object.entries(frame.desk ?? {})) room.units.set(sku, units);
    for (const [name, product] of Object.entries(frame.products ?? {})) {
      if (product) room.products[name] = product;
      else delete room.products[name];
    }
    for (const [channel, levels] of Object.entries(frame.pushed ?? {})) {
      room.pushed[channel] = { ...room.pushed[channel], ...levels };
      changes.pushed = true;
    }
    if (frame.order) gone(frame.order);
    for (const name of ["session", "order", "countdowns", "announcements", "direction"]) {
      if (frame[name] === undefined) continue;
      room[name] = frame[name];
      changes[name] = true;
    }
    if (frame.on_air_by_channel) {
      room.onAirBy = frame.on_air_by_channel;
      changes.onAir = true;
    }
    if (frame.on_air !== undefined && frame.on_air !== room.onAir) {
      room.onAir = frame.on_air;
      changes.onAir = true;
    }
    tellSoon();
  }

  function gone(order) {
    const there = new Set(order);
    for (const sku of room.items.keys()) if (!there.has(sku)) [room.items, room.units].forEach((each) => each.delete(sku));
  }

  function tellSoon() {
    if (waiting) return;
    waiting = true;
    if (document.hidden) setTimeout(tell, HIDDEN_EVERY);
    else requestAnimationFrame(tell);
  }

  function tell() {
    const told = changes;
    changes = noChanges();
    waiting = false;
    for (const listener of listeners) apart(() => listener(told));
    const known = ({ seq }) => seq <= room.seq;
    for (const { go } of awaited.filter(known)) go();
    awaited = awaited.filter((each) => !known(each));
  }

  // A page that is hidden while it waits for its picture would wait until it is seen again.
  document.addEventListener("visibilitychange", () => waiting && tell());
  return room;
}
