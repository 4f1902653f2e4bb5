// A field in which one item is found among thousands: by link number, title, sku, alias or pinyin; with the mouse or the keys of a combobox.

import { itemName } from "./actions/about.js";
import { element, fill, keepChildren, nextId, write } from "./dom.js";

const OFFERED = 30;
const ROOM = 240; // pixels below the field that a list wants, else it opens upwards where there is more
const WIDE = 288; // pixels that names want, also below a narrow field
const EDGE = 8;

/**
 * A field: {place, input, value(), set(value), settle()}. `place` goes on the page; `value()` is the sku that was chosen, null for none;
 * `set` chooses without `changed()` being called; `settle()` takes what was typed for the item that it names alone, as leaving the field does.
 *   label    what it is called; null where a label of the page says it
 *   none     what choosing none is called, where that is a choice; then a text that names no item goes back to what was chosen
 *   others() what may be chosen besides items: [{value, label, sku}], found by its label, and by what the item `sku` is called
 */
export function itemPicker(desk, label, { none = null, others = () => [], changed = () => {} } = {}) {
  const { room, finder, words: say } = desk;
  const id = nextId("picker");
  const place = element("div", "item-picker");
  const [input, sheet, list, hits] = [element("input"), element("div", "sheet"), element("ul"), element("p", "hits")];
  const nothing = { value: null, label: none ?? "" };
  let chosen = nothing;
  let typing = false;
  let [found, active] = [[], 0];

  Object.assign(input, { type: "text", autocomplete: "off", spellcheck: false, placeholder: none ?? say.item_hint });
  list.id = id;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label ?? say.field_item);
  const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, ...(label === null ? {} : { "aria-label": label }) };
  for (const [name, value] of Object.entries(roles)) input.setAttribute(name, value);
  hits.setAttribute("role", "status");
  sheet.hidden = true;
  sheet.append(list, hits);
  place.append(input, sheet);

  /** What `typed` finds, the best first: [{value, label, rank}]; an item is named when it is offered. */
  function choices(typed) {
    const fits = finder.asked(typed);
    const named = (each) => (each.sku && fits(each.sku)) || Number(each.label.toLowerCase().includes(typed.trim().toLowerCase()));
    const more = others().map((each) => ({ ...each, rank: fits ? named(each) : 2 })).filter(({ rank }) => rank);
    const all = [...more, ...finder.best(typed).map(({ sku, rank }) => ({ value: sku, rank }))].sort((one, other) => other.rank - one.rank);
    return fits || none === null ? all : [nothing, ...all];
  }

  const labelled = (choice) => (choice.label === undefined ? { ...choice, label: itemName(desk, choice.value) } : choice);

  function make() {
    const option = element("li");
    option.setAttribute("role", "option");
    option.addEventListener("click", () => choose(option.choice));
    return option;
  }

  function update(option, choice, at) {
    option.choice = choice;
    option.id = `${id}-${at}`;
    option.setAttribute("aria-selected", String(at === active));
    write(option, choice.label);
  }

  function draw(from = 0) {
    const all = choices(typing ? input.value : "");
    found = all.slice(0, OFFERED).map(labelled);
    active = Math.max(0, Math.min(from, found.length - 1));
    const places = new Map(found.map((choice, at) => [choice, at]));
    keepChildren(list, found, { key: ({ value }) => JSON.stringify(value), make, update: (option, choice) => update(option, choice, places.get(choice)) });
    list.hidden = found.length === 0;
    write(hits, summary(all.length));
    open();
    mark(active);
  }

  function summary(n) {
    if (n === 0) return say.item_found_none;
    if (n > OFFERED) return fill(say.item_found_many, { n });
    return typing ? fill(say.item_found, { n }) : "";
  }

  function mark(at) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = at;
    const option = list.children[active];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function open() {
    sheet.hidden = false;
    input.setAttribute("aria-expanded", String(!list.hidden));
    addEventListener("scroll", put, { capture: true, passive: true });
    addEventListener("resize", put);
    put();
  }

  function close() {
    sheet.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    removeEventListener("scroll", put, { capture: true });
    removeEventListener("resize", put);
  }

  // On the window, so that no dialog or box that scrolls cuts it off.
  function put() {
    const { left, top, bottom, width } = input.getBoundingClientRect();
    const wide = Math.max(width, Math.min(WIDE, innerWidth - 2 * EDGE));
    const below = innerHeight - bottom - EDGE;
    const up = below < ROOM && top - EDGE > below;
    Object.assign(sheet.style, {
      left: `${Math.max(EDGE, Math.min(left, innerWidth - wide - EDGE))}px`, width: `${wide}px`, maxHeight: `${up ? top - EDGE : below}px`,
      top: up ? "auto" : `${bottom}px`, bottom: up ? `${innerHeight - top}px` : "auto",
    });
  }

  function show(choice) {
    [chosen, typing] = [choice, false];
    input.value = choice.value === null ? "" : choice.label;
    close();
  }

  function choose(choice) {
    show(choice);
    changed();
  }

  function settle() {
    close();
    if (!typing) return;
    const [first, second] = input.value.trim() ? choices(input.value) : [nothing];
    const sure = first && (!second || (first.rank === 2 && second.rank !== 2));
    if (sure) choose(labelled(first));
    else if (none !== null) show(chosen);
  }

  const search = () => !input.readOnly && draw(Math.max(0, choices("").slice(0, OFFERED).findIndex(({ value }) => value === chosen.value)));

  input.addEventListener("focus", () => {
    if (!input.readOnly) finder.ready().then(() => !sheet.hidden && draw(active));
  });
  input.addEventListener("click", () => sheet.hidden && search());
  input.addEventListener("input", () => {
    typing = true;
    if (none === null) chosen = nothing;
    draw();
  });
  // Whoever only looks at another window comes back to what was typed.
  input.addEventListener("blur", () => document.activeElement !== input && settle());
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && sheet.hidden) search();
    else if (step && found.length) mark((active + step + found.length) % found.length);
    else if (event.key === "Enter" && !sheet.hidden && found.length) choose(found[active]);
    else if (event.key === "Escape" && !sheet.hidden) close();
    else return;
    event.preventDefault();
  });
  sheet.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus

  return {
    place, input, settle,
    value: () => chosen.value,
    set: (value) => show(value === null ? nothing : labelled({ value })),
  };
}
