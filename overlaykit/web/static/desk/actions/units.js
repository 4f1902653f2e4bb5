// Units: corrections with a reason, counts, moves between buckets and locations, counts that wait for a yes.

import { fill } from "../dom.js";
import { locationsToChoose, saidOf } from "./about.js";

const BUCKETS = ["available", "buffer", "damaged", "incoming"];
const BASES = ["available", "on_hand"];
const MUCH = 0.5; // a correction by more than this share is asked about

/** What may be moved: name → [from, to]; the last between two locations. */
const MOVES = {
  release: ["buffer", "available"],
  keep: ["available", "buffer"],
  arrived: ["incoming", "available"],
  damage: ["available", "damaged"],
  repair: ["damaged", "available"],
  between: null,
};

export function unitActions({ words: say, plan, room }) {
  const places = locationsToChoose(plan);
  const firstPlace = places[0]?.value;
  const skuField = () => ({ name: "sku", type: "sku", label: say.field_item, required: true });
  const there = (sku, location, column) => room.units.get(sku)?.locations[location ?? firstPlace]?.[column] ?? 0;
  /** The first location where units of the item stand. */
  const homeOf = (sku) => (places.find(({ value }) => there(sku, value, "on_hand") > 0) ?? places[0])?.value;
  const placeField = (sku, more = {}) =>
    places.length > 1 ? [{ name: "location", type: "choice", label: say.location, required: true, options: places, value: homeOf(sku), ...more }] : [];
  const reasonField = { name: "reason", type: "text", label: say.field_reason, required: true, max: 500, suggestions: say.reasons.split("|") };
  const nameOf = (location) => plan.locations[location ?? firstPlace] || location || firstPlace;
  const about = ({ sku }) => room.title(sku);
  const fixed = ({ sku }) => room.units.get(sku)?.pool !== null; // a bundle has no units of its own

  const readings = () => (room.direction?.alerts ?? []).filter(({ kind }) => kind === "reading");

  return [
    {
      id: "stock.adjust", group: "units", done: ({ sku, delta }) => `${room.title(sku)} ${delta > 0 ? "+" : "−"}${Math.abs(delta)}`,
      possibleFor: fixed,
      fields: (_, { sku }) => [
        skuField(), ...placeField(sku),
        { name: "bucket", type: "choice", label: say.field_bucket, required: true, value: "available", options: BUCKETS.map((value) => ({ value, label: say[value] })) },
        { name: "delta", type: "integer", label: say.field_delta, required: true, min: -1e9, max: 1e9, signed: true },
        { name: "due", type: "day", label: say.field_due, when: { bucket: "incoming" } },
        reasonField,
      ],
      hint: ({ sku, location, bucket, delta }) => {
        if (!room.units.has(sku)) return "";
        const now = there(sku, location, bucket ?? "available");
        const values = { bucket: say[bucket ?? "available"], location: nameOf(location), now, then: now + (delta || 0) };
        return fill(delta ? say.hint_adjust : say.hint_now, values);
      },
      given: ({ delta, reason }) => delta !== undefined && reason !== undefined,
      command: ({ sku, location, bucket = "available", delta, due, reason }) =>
        delta === 0 ? null : { type: "stock.adjust", sku, ...(location ? { location } : {}), bucket, delta, reason, ...(bucket === "incoming" && due ? { due } : {}) },
      nothing: say.nothing_changed,
      consequence({ sku, location, bucket = "available", delta }) {
        const now = there(sku, location, bucket);
        if (delta >= 0 || -delta <= MUCH * now) return "";
        return saidOf(say.ask_adjust, room, sku, { bucket: say[bucket], location: nameOf(location), now, then: now + delta });
      },
      undo: {
        before: () => null,
        after: () => undefined,
        back: (command, _, outcome) => ({ ...command, delta: -command.delta, reason: fill(say.reason_undo, { seq: outcome.seq }), due: undefined }),
      },
    },
    {
      id: "stock.count", group: "units", done: ({ sku, quantity }) => `${room.title(sku)} = ${quantity}`,
      possibleFor: fixed,
      fields: (_, { sku }) => [
        skuField(), ...placeField(sku),
        { name: "basis", type: "choice", label: say.field_basis, required: true, value: "available", options: BASES.map((value) => ({ value, label: say[`basis_${value}`] })) },
        { name: "quantity", type: "integer", label: say.field_counted, required: true, min: 0, max: 1e9 },
        { ...reasonField, required: false },
      ],
      // What the operator saw when the number was typed goes along: a change in between is refused, not overwritten.
      seen: ({ sku, location, basis = "available" }) => ({ expected: there(sku, location, basis) }),
      hint: ({ sku, location, basis = "available", quantity }) => {
        if (!room.units.has(sku)) return "";
        const now = there(sku, location, basis);
        const values = { bucket: say[basis], location: nameOf(location), now, then: quantity, difference: `${quantity > now ? "+" : ""}${quantity - now}` };
        return fill(quantity === undefined ? say.hint_now : say.hint_count, values);
      },
      given: ({ quantity }) => quantity !== undefined,
      command: ({ sku, location, basis = "available", quantity, expected, reason }) => ({
        type: "stock.count", sku, ...(location ? { location } : {}), basis, quantity, expected: expected ?? there(sku, location, basis),
        ...(reason ? { reason } : {}),
      }),
      consequence({ sku, location, basis = "available", quantity }) {
        const now = there(sku, location, basis);
        if (quantity !== 0 && Math.abs(quantity - now) <= MUCH * Math.max(now, quantity)) return "";
        return now === quantity ? "" : saidOf(say.ask_count, room, sku, { bucket: say[basis], location: nameOf(location), now, then: quantity });
      },
      undo: {
        before: () => null,
        after: () => undefined,
        back({ sku, location, basis, quantity, expected }, _, outcome) {
          if (basis !== "available" || outcome.excess || quantity === expected) return null;
          const reason = fill(say.reason_undo, { seq: outcome.seq });
          return { type: "stock.adjust", sku, ...(location ? { location } : {}), bucket: "available", delta: expected - quantity, reason };
        },
      },
    },
    {
      id: "stock.transfer", group: "units", done: ({ sku, quantity }) => `${room.title(sku)} ${quantity}`,
      possibleFor: fixed,
      fields: (_, { sku }) => [
        skuField(),
        { name: "move", type: "choice", label: say.field_move, required: true, value: "release",
          options: Object.keys(MOVES).filter((name) => name !== "between" || places.length > 1).map((value) => ({ value, label: say[`move_${value}`] })) },
        ...placeField(sku, { label: say.field_from }),
        ...(places.length > 1 ? [{ name: "to", type: "choice", label: say.field_to, options: places, value: places.find(({ value }) => value !== homeOf(sku)).value, when: { move: "between" } }] : []),
        { name: "quantity", type: "integer", label: say.field_quantity, required: true, min: 1, max: 1e9 },
        { name: "reason", type: "text", label: say.field_reason, max: 500, suggestions: say.reasons.split("|") },
      ],
      hint: ({ sku, move = "release", location, to }) => {
        if (!room.units.has(sku)) return "";
        const [from, into] = MOVES[move] ?? ["available", "available"];
        const ends = move === "between" ? [location, to ?? places[1]?.value] : [location, location];
        return [[from, ends[0]], [into, ends[1]]]
          .map(([bucket, place]) => fill(say.hint_now, { bucket: say[bucket], location: nameOf(place), now: there(sku, place, bucket) }))
          .join(" → ");
      },
      given: ({ quantity }) => quantity !== undefined,
      command({ sku, move = "release", location = firstPlace, to, quantity, reason }) {
        const [from, into] = MOVES[move] ?? [`location:${location}`, `location:${to}`];
        const place = move === "between" ? {} : { location };
        return { type: "stock.transfer", sku, quantity, from, to: into, ...place, ...(reason ? { reason } : {}) };
      },
      undo: {
        before: () => null,
        after: () => undefined,
        // Units that arrived may have gone to orders that waited for them: there is no way back from there.
        back: (command, _, outcome) =>
          command.from === "incoming" ? null : { ...command, from: command.to, to: command.from, reason: fill(say.reason_undo, { seq: outcome.seq }) },
      },
    },
    {
      id: "stock.confirm", group: "units", done: ({ reading }) => `#${reading}`,
      available: () => readings().length > 0,
      fields: () => [
        { name: "reading", type: "choice", label: say.field_reading, required: true,
          options: readings().map(({ sku, params }) => ({
            value: params.seq,
            label: fill(say.reading_waits, { title: room.title(sku), location: nameOf(params.location), quantity: params.new }),
          })) },
        { name: "accept", type: "choice", label: say.field_accept, required: true, value: "yes",
          options: [{ value: "yes", label: say.accept_yes }, { value: "no", label: say.accept_no }] },
      ],
      given: ({ reading, accept }) => reading !== undefined && accept !== undefined,
      command: ({ reading, accept }) => ({ type: "stock.confirm", reading: Number(reading), accept: accept === "yes" || accept === true }),
    },
  ];
}
