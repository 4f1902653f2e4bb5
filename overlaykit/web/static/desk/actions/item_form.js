// What an item says of itself, as a form asks it and as commands carry it.

const OFTEN = ["title", "price", "list_price", "subtitle", "link", "buyer_limit"];
const SELDOM = ["variant", "product", "aliases", "facts", "image", "low", "critical", "presale_limit", "cost"];
/** All that item.update changes. */
export const SAID = [...OFTEN, ...SELDOM];

const KINDS = {
  price: "money", list_price: "money", cost: "money", link: "integer", buyer_limit: "integer", presale_limit: "integer",
  low: "level", critical: "level", aliases: "rows", facts: "rows",
};
const NEVER_EMPTY = new Set(["title", "low", "critical"]); // of an item that there is
const MOST = { link: 9999, product: 64, image: 500 };
const MOST_PER_BUNDLE = 1000;

/** "20%" or "50" as the engine takes it, and back. */
const level = (text) => (text.endsWith("%") ? { share: Number(text.slice(0, -1)) / 100 } : { units: Number(text) });
function levelText(threshold) {
  if (!threshold) return "";
  return threshold.units === undefined || threshold.units === null ? `${+(threshold.share * 100).toFixed(4)}%` : String(threshold.units);
}

/** A value of an item, as its input begins: text, or rows of cells. */
function asGiven(name, value) {
  if (name === "aliases") return (value ?? []).map((alias) => [alias]);
  if (name === "facts") return Object.entries(value ?? {});
  if (KINDS[name] === "level") return levelText(value);
  return value === null || value === undefined ? "" : String(value);
}

/** What a form gave, as a command carries it: null where nothing stands any more. */
export function asValue(name, given) {
  if (name === "aliases") return given.map(([alias]) => alias);
  if (name === "facts") return Object.fromEntries(given);
  if (given === undefined || given === null || given === "") return null;
  if (KINDS[name] === "level") return level(String(given));
  return KINDS[name] === "integer" ? Number(given) : String(given);
}

export const isNothing = (value) => value === null || (typeof value === "object" && !Object.keys(value).length);

/** What a form changes, with the number before and after it where it is one: "Price 29.90 → 25.90". `say`: the words of the desk. */
export function changesSaid(say, known, changed) {
  const shown = (name, value) => asGiven(name, value) || "–";
  const numbers = (name) => ["money", "integer", "level"].includes(KINDS[name]);
  const changes = Object.entries(changed).map(([name, value]) => {
    const label = say[`short_${name}`] ?? say[`field_${name}`];
    return numbers(name) ? `${label} ${shown(name, known[name])} → ${shown(name, value)}` : label;
  });
  return changes.join(say.comma);
}

/** Values to be compared as text. Facts have no order of their own. */
export const compared = (name, value) => JSON.stringify(name === "facts" ? asGiven(name, value).sort() : asGiven(name, value));

/** `saidFields(known)`: what is said of an item; with nothing known, of a new one. `bundleField()`: what it is made of. */
export function itemForm({ words: say, room }) {
  const column = (name, more) => ({ label: say[`field_${name}`], type: "text", max: 64, ...more });

  function field(name, known, isNew) {
    const label = say[`field_${name}`];
    const made = { name, label, type: KINDS[name] ?? "text", value: asGiven(name, known[name]), more: SELDOM.includes(name) };
    made.required = name === "title" || (!isNew && NEVER_EMPTY.has(name));
    if (made.type === "integer") return { ...made, min: 1, max: MOST[name] ?? 1e9 };
    if (name === "aliases") return { ...made, add: say.row_alias, columns: [column("alias")] };
    if (name === "facts") return { ...made, add: say.row_fact, columns: [column("fact_name"), column("fact_value", { max: 500 })] };
    if (made.type === "level") return { ...made, short: say[`short_${name}`], hint: isNew ? say.by_plan : "" };
    if (name === "image") return { ...made, max: 500, hint: say.hint_image };
    return made.type === "text" ? { ...made, max: MOST[name] ?? 500 } : made;
  }

  function wrongPart(sku) {
    return Object.keys(room.units.get(sku)?.bundle ?? {}).length ? say.part_is_bundle : "";
  }

  return {
    saidFields: (known = null) => SAID.map((name) => field(name, known ?? {}, known === null)),
    bundleField: () => ({
      name: "bundle", type: "rows", label: say.field_bundle, required: true, add: say.row_part,
      columns: [
        { label: say.field_item, type: "item", wrong: wrongPart },
        { label: say.field_per, type: "integer", max: MOST_PER_BUNDLE, value: 1 },
      ],
    }),
  };
}
