// Items: on sale or not, how they sell, what is said of them, their place in the running order, new ones.

import { fill } from "../dom.js";
import { itemsToChoose, locationsToChoose, saidOf } from "./about.js";

const TEXTS = ["title", "subtitle", "variant", "price", "list_price", "cost", "link", "product", "low", "critical", "buyer_limit", "presale_limit"];
const NUMBERS = new Set(["link", "buyer_limit", "presale_limit"]);
const NEVER_EMPTY = new Set(["title", "low", "critical"]);
const MONEY = new Set(["price", "list_price", "cost"]);

/** "20%" or "50" as the engine takes it, and back. */
const level = (text) => (text.endsWith("%") ? { share: Number(text.slice(0, -1)) / 100 } : { units: Number(text) });
function levelText(threshold) {
  if (!threshold) return "";
  return threshold.units === undefined || threshold.units === null ? `${+(threshold.share * 100).toFixed(4)}%` : String(threshold.units);
}

const asText = (name, value) => (name === "low" || name === "critical" ? levelText(value) : value === null || value === undefined ? "" : String(value));
function asValue(name, text) {
  if (text === "") return null;
  if (name === "low" || name === "critical") return level(text);
  return NUMBERS.has(name) ? Number(text) : text;
}

function inputOf(name, say) {
  const field = { name, label: say[`field_${name}`] };
  if (NUMBERS.has(name)) return { ...field, type: "integer", min: 1, max: name === "link" ? 9999 : 1e9 };
  if (MONEY.has(name)) return { ...field, type: "money" };
  if (name === "low" || name === "critical") return { ...field, type: "level" };
  return { ...field, type: "text", max: name === "product" ? 64 : 500 };
}

export function itemActions({ words: say, plan, room, asked }) {
  const skuField = () => ({ name: "sku", type: "sku", label: say.field_item, required: true, options: itemsToChoose(room) });
  const state = (sku) => room.items.get(sku)?.state;
  const about = ({ sku }) => room.title(sku);

  // What an item says of itself is asked of the server when its form opens: the board has only what the public sees.
  const details = new Map();
  async function know({ sku }) {
    details.set(sku, await asked(`/desk/item?${new URLSearchParams({ session: room.session.id, sku })}`));
    return details.get(sku) !== null;
  }

  function updateCommand({ sku, ...values }) {
    const known = details.get(sku) ?? {};
    const changed = {};
    for (const name of TEXTS) {
      if (values[name] === undefined || String(values[name]) === asText(name, known[name])) continue;
      changed[name] = asValue(name, String(values[name]));
    }
    return Object.keys(changed).length ? { type: "item.update", sku, ...changed } : null;
  }

  return [
    {
      id: "item.open", group: "items", done: about,
      fields: () => [skuField()],
      available: () => true,
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
      id: "item.mode", group: "items", done: about,
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
      id: "item.update", group: "items", done: about, label: say.save, prepare: know, nothing: say.nothing_changed,
      fields: (_, { sku }) => [
        { ...skuField(), fixed: true },
        ...TEXTS.map((name) => ({
          ...inputOf(name, say), value: asText(name, details.get(sku)?.[name]), required: NEVER_EMPTY.has(name),
        })),
      ],
      given: ({ sku, ...rest }) => Object.keys(rest).length > 0,
      command: updateCommand,
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
        compared: (fields) => JSON.stringify(Object.entries(fields).map(([name, value]) => [name, asText(name, value)])),
        back: ({ sku }, was) => ({ type: "item.update", sku, ...was }),
      },
    },
    {
      id: "item.move", group: "items", done: about,
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
        { name: "title", type: "text", label: say.field_title, required: true, max: 500 },
        ...["link", "price", "list_price", "subtitle", "product", "variant"].map((name) => inputOf(name, say)),
        ...locationsToChoose(plan).map(({ value, label }) => ({
          name: `opening:${value}`, type: "integer", min: 0, max: 1e9, label: fill(say.field_opening, { location: label }),
        })),
        { name: "on_sale", type: "flag", label: say.field_on_sale, value: true },
      ],
      given: ({ sku, title }) => sku !== undefined && title !== undefined,
      command({ sku, title, on_sale: onSale, ...rest }) {
        const opening = {};
        const command = { type: "item.add", sku, title, on_sale: onSale !== false };
        for (const [name, value] of Object.entries(rest)) {
          if (value === "" || value === undefined || value === null) continue;
          if (name.startsWith("opening:")) opening[name.slice(8)] = value;
          else command[name] = asValue(name, String(value));
        }
        return Object.keys(opening).length ? { ...command, opening } : command;
      },
    },
  ];
}
