// Items: on sale or not, how they sell, what is said of them, their place in the running order, new ones.

import { fill } from "../dom.js";
import { locationsToChoose, saidOf } from "./about.js";
import { SAID, asValue, changesSaid, compared, isNothing, itemForm } from "./item_form.js";

export function itemActions(desk) {
  const { words: say, plan, room, ask } = desk;
  const form = itemForm(desk);
  const skuField = () => ({ name: "sku", type: "sku", label: say.field_item, required: true });
  const state = (sku) => room.items.get(sku)?.state;
  const about = ({ sku }) => room.title(sku);

  const places = locationsToChoose(plan);
  const madeOfItems = (sku) => Object.keys(room.units.get(sku)?.bundle ?? {}).length > 0;
  /** A bundle sells what its items sell. */
  const ofStock = (field) => (field.name === "presale_limit" ? { ...field, when: { kind: "stock" } } : field);

  /** The number after the highest: what a new link gets on most platforms. */
  function freeLink() {
    const next = Math.max(0, ...[...room.items.values()].map(({ link }) => link ?? 0)) + 1;
    return next <= 9999 ? String(next) : "";
  }

  // What an item says of itself is asked of the server when its form opens: the board has only what the public sees.
  const details = new Map();
  async function know({ sku }) {
    const { body, text } = await ask("/desk/item", { sku });
    details.set(sku, body);
    return text;
  }

  const edited = ({ sku, ...values }) =>
    SAID.filter((name) => name in values && compared(name, asValue(name, values[name])) !== compared(name, details.get(sku)?.[name]));

  function updateCommand({ sku, ...values }) {
    const changed = Object.fromEntries(edited({ sku, ...values }).map((name) => [name, asValue(name, values[name])]));
    return Object.keys(changed).length ? { type: "item.update", sku, ...changed } : null;
  }

  /** Says what another desk has changed since the form was opened and the form would change back; from then on it counts as seen. */
  async function changedMeanwhile({ sku, ...values }) {
    const seen = details.get(sku);
    const { body: now, text } = await ask("/desk/item", { sku });
    if (!now) return text;
    const mine = edited({ sku, ...values });
    const names = (mine.length ? mine : SAID.filter((name) => name in values)).filter(
      (name) => ![seen[name], asValue(name, values[name])].some((value) => compared(name, value) === compared(name, now[name])),
    );
    if (!names.length) return "";
    const theirs = Object.fromEntries(names.map((name) => [name, now[name]]));
    details.set(sku, { ...seen, ...theirs });
    return fill(say.changed_meanwhile, { what: changesSaid(say, seen, theirs) });
  }

  return [
    {
      id: "item.open", group: "items", running: true, done: about,
      fields: () => [skuField()],
      command: ({ sku }) => ({ type: "item.open", sku }),
      undo: {
        before: ({ sku }) => (state(sku) === "upcoming" ? "upcoming" : state(sku) === "closed" ? "closed" : "open"),
        after: () => "open",
        back: ({ sku }, was) => (was === "closed" ? { type: "item.close", sku } : null),
      },
    },
    {
      id: "item.close", group: "items", done: about,
      fields: () => [skuField()],
      command: ({ sku }) => ({ type: "item.close", sku }),
      consequence: ({ sku }) => saidOf(say.ask_close, room, sku, { available: room.items.get(sku).available, held: room.items.get(sku).held }),
      undo: {
        before: ({ sku }) => (state(sku) === "upcoming" ? "upcoming" : state(sku) === "closed" ? "closed" : "open"),
        after: () => "closed",
        back: ({ sku }, was) => (was === "open" ? { type: "item.open", sku } : null),
      },
    },
    {
      id: "item.mode", group: "items", running: true, done: about,
      fields: (_, { sku }) => [
        skuField(),
        { name: "mode", type: "choice", label: say.field_mode, required: true, value: room.units.get(sku)?.mode ?? "spot",
          options: ["spot", "presale"].map((value) => ({ value, label: say[`mode_${value}`] })) },
        { name: "ship_by", type: "day", label: say.field_ship_by, value: room.items.get(sku)?.ship_by ?? "", when: { mode: "presale" } },
      ],
      given: ({ mode }) => mode !== undefined,
      command: ({ sku, mode, ship_by: day }) => ({ type: "item.mode", sku, mode, ...(mode === "presale" && day ? { ship_by: day } : {}) }),
      undo: {
        before: ({ sku }) => ({ mode: room.units.get(sku)?.mode, ship_by: room.items.get(sku)?.ship_by ?? null }),
        after: ({ mode, ship_by: day }) => ({ mode, ship_by: mode === "presale" ? day ?? null : null }),
        back: ({ sku }, was) => ({ type: "item.mode", sku, mode: was.mode, ...(was.mode === "presale" && was.ship_by ? { ship_by: was.ship_by } : {}) }),
      },
    },
    {
      id: "item.update", group: "items", label: say.save, prepare: know, clash: changedMeanwhile, nothing: say.nothing_changed,
      fields: (_, { sku }) => [
        { ...skuField(), fixed: true },
        ...form.saidFields(details.get(sku) ?? {}).filter(({ name }) => name !== "presale_limit" || !madeOfItems(sku)),
      ],
      given: ({ sku, ...rest }) => Object.keys(rest).length > 0,
      command: updateCommand,
      done: ({ sku, type, ...changed }) => `${room.title(sku)} · ${changesSaid(say, details.get(sku) ?? {}, changed)}`,
      undo: {
        before({ sku, type, ...changed }) {
          const known = details.get(sku) ?? {};
          return Object.fromEntries(Object.keys(changed).map((name) => [name, known[name] ?? null]));
        },
        // Asked anew: another desk may have changed the same fields since.
        async now({ sku, type, ...changed }) {
          await know({ sku });
          return this.before({ sku, ...changed });
        },
        after: ({ sku, type, ...changed }) => changed,
        compared: (fields) => Object.entries(fields).map(([name, value]) => `${name} ${compared(name, value)}`).join("\n"),
        back: ({ sku }, was) => ({ type: "item.update", sku, ...was }),
      },
    },
    {
      id: "item.move", group: "items", running: true, done: about,
      fields: (_, { sku }) => [
        skuField(),
        { name: "position", type: "integer", label: fill(say.field_position, { n: room.order.length }), required: true, min: 1, max: room.order.length,
          value: sku ? room.order.indexOf(sku) + 1 : "" },
      ],
      given: ({ position }) => position !== undefined,
      command: ({ sku, position }) => (room.order.indexOf(sku) + 1 === position ? null : { type: "item.move", sku, position }),
      nothing: say.nothing_changed,
      undo: {
        before: ({ sku }) => room.order.indexOf(sku) + 1,
        after: ({ position }) => position,
        back: ({ sku }, was) => ({ type: "item.move", sku, position: was }),
      },
    },
    {
      id: "item.add", group: "items", done: ({ title }) => title,
      fields: () => [
        { name: "sku", type: "text", label: say.field_sku, required: true, max: 64 },
        ...form.saidFields().map((field) => (field.name === "link" ? { ...field, value: freeLink() } : field)).map(ofStock),
        { name: "kind", type: "choice", label: say.field_kind, value: "stock",
          options: ["stock", "bundle"].map((value) => ({ value, label: say[`kind_${value}`] })) },
        { ...form.bundleField(), when: { kind: "bundle" } },
        ...places.flatMap(({ value, label }) => [
          { name: `opening:${value}`, type: "integer", min: 0, max: 1e9, label: fill(say.field_opening, { location: label }), when: { kind: "stock" } },
          { name: `buffer:${value}`, type: "integer", min: 0, max: 1e9, label: fill(say.field_buffer, { location: label }), when: { kind: "stock" }, more: true },
        ]),
        { name: "on_sale", type: "flag", label: say.field_on_sale, value: true },
      ],
      given: ({ sku, title }) => sku !== undefined && title !== undefined,
      wrong(values) {
        const over = places.find(({ value }) => (values[`buffer:${value}`] ?? 0) > (values[`opening:${value}`] ?? 0));
        return over ? fill(say.buffer_over, { location: over.label, opening: values[`opening:${over.value}`] ?? 0 }) : "";
      },
      command({ sku, title, kind, bundle, on_sale: onSale, ...rest }) {
        const command = { type: "item.add", sku, title, on_sale: onSale !== false };
        if (kind === "bundle") command.bundle = Object.fromEntries(bundle);
        for (const [name, given] of Object.entries(rest)) {
          const [table, place] = name.split(/:(.*)/s);
          if (place !== undefined) {
            if (given !== undefined) command[table] = { ...command[table], [place]: given };
            continue;
          }
          const value = asValue(name, given);
          if (!isNothing(value)) command[name] = value;
        }
        return command;
      },
    },
  ];
}
