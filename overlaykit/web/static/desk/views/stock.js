// The stock of all items: as a table, as cards and as a heatmap; found, sorted and narrowed; one of them opened in its panel.

import { doesOnClick } from "../actions/act.js";
import { element, write } from "../dom.js";
import { arrange, countsOf, PRODUCT } from "./stock/arrangement.js";
import { choiceOf, keepChoice } from "./stock/choice.js";
import { COLUMNS } from "./stock/columns.js";
import { stockFilters } from "./stock/filters.js";
import { itemPanel } from "./stock/panel.js";
import { itemTable } from "./stock/table.js";
import { heatLegend, itemCards, itemHeat } from "./stock/tiles.js";
import { trailsOf } from "./stock/trails.js";

const HANDS_ON = 4000; // rows do not change places under a hand that was there a moment ago
const MAKERS = { table: itemTable, cards: itemCards, heat: itemHeat };

/** The view of it. */
export function stockView(section, desk) {
  const { words: say, room, clock } = desk;
  const part = (name) => section.querySelector(name);
  const choice = choiceOf();
  const collator = new Intl.Collator(desk.lang, { numeric: true });
  const paces = new Intl.NumberFormat(desk.lang, { maximumFractionDigits: 1 });
  const made = {};
  let arranged = { keys: [], skus: [], variants: new Map() };
  let outdated = false;
  let touchedAt = -Infinity;

  const board = {
    choice,
    numbers: new Intl.NumberFormat(desk.lang),
    compact: new Intl.NumberFormat(desk.lang, { notation: "compact", maximumFractionDigits: 1, useGrouping: true }),
    pace: (units) => (units < 100 ? paces.format(units) : board.numbers.format(Math.round(units))),
    trails: trailsOf(desk, drawTrails),
    get variants() {
      return arranged.variants;
    },
    count: () => arranged.keys.length,
    open: (sku) => desk.select(sku === desk.selected ? null : sku),
    fold(key, folded = !choice.folded.has(key)) {
      if (folded) choice.folded.add(key);
      else choice.folded.delete(key);
      arrangeNow();
    },
    sortBy(name) {
      const { first } = COLUMNS.find((column) => column.name === name);
      const down = first === "down";
      if (choice.sort !== name) Object.assign(choice, { sort: name, descending: down });
      else if (choice.descending === down) choice.descending = !down;
      else Object.assign(choice, { sort: "order", descending: false });
      changed();
    },
  };
  const filters = stockFilters(section, desk, choice, changed);
  const panel = itemPanel(part(".item-panel"), desk, board);

  if (desk.may) doesOnClick(part(".add-item"), desk, "item.add");

  function drawTrails(skus) {
    const all = [...skus];
    if (choice.mode === "table") made.table?.drawTrails(all);
    panel.drawn();
  }

  function list() {
    const { mode } = choice;
    made[mode] ??= MAKERS[mode](part(`.box.${mode}`), desk, board);
    return made[mode];
  }

  function changed() {
    keepChoice(choice);
    showChoice();
    arrangeNow();
  }

  function showChoice() {
    for (const button of section.querySelectorAll(".modes button")) button.ariaPressed = String(button.dataset.mode === choice.mode);
    for (const box of section.querySelectorAll(".box")) box.hidden = !box.classList.contains(choice.mode);
    part(".legend").hidden = choice.mode !== "heat";
    part(".grouped").ariaPressed = String(choice.grouped && choice.mode === "table");
    part(".grouped").hidden = choice.mode !== "table";
    part(".columns").hidden = choice.mode !== "table";
    part(".sorting").value = choice.sort;
    part(".direction").ariaPressed = String(choice.descending);
    write(part(".direction"), choice.descending ? "↓" : "↑");
    if (part(".search").value !== choice.search) part(".search").value = choice.search;
  }

  function arrangeNow() {
    outdated = false;
    const shown = { ...choice, grouped: choice.grouped && choice.mode === "table" };
    const before = arranged;
    arranged = arrange(room, shown, desk.finder.asked(choice.search), collator);
    const same = before.keys.length === arranged.keys.length && before.keys.every((key, place) => key === arranged.keys[place]);
    if (!same || !made[choice.mode] || list().shownFor !== arranged.keys) list().show(arranged.keys);
    list().shownFor = arranged.keys;
    list().touch();
    filters.show(countsOf(room));
    write(part(".found"), filters.told(arranged.skus.length, room.items.size));
    part(".nothing").hidden = arranged.skus.length > 0;
  }

  function touch(items) {
    if (choice.grouped && choice.mode === "table") {
      const keys = new Set(items);
      for (const sku of items) {
        const product = room.items.get(sku)?.product;
        if (product) keys.add(PRODUCT + product);
      }
      list().touch(keys);
    } else {
      list().touch(items);
    }
  }

  // The tools.

  // An alias may be new: the board does not tell those.
  part(".search").addEventListener("focus", () => desk.finder.load().then(() => choice.search && arrangeNow()));
  part(".search").addEventListener("input", ({ target }) => {
    choice.search = target.value;
    arrangeNow();
  });
  part(".search").addEventListener("keydown", (event) => {
    if (event.isComposing) return; // these keys choose among the signs of an input method
    if (event.key === "Enter" && arranged.skus.length) {
      desk.select(arranged.skus[0]);
      list().reveal(arranged.skus[0]);
    } else if (event.key === "ArrowDown") {
      list().focus();
    } else if (event.key === "Escape" && choice.search) {
      choice.search = "";
      changed();
    } else return;
    event.preventDefault();
  });
  for (const button of section.querySelectorAll(".modes button")) {
    button.addEventListener("click", () => {
      choice.mode = button.dataset.mode;
      changed();
    });
  }
  part(".grouped").addEventListener("click", () => {
    choice.grouped = !choice.grouped;
    changed();
  });
  for (const { name, first } of [{ name: "order", first: "up" }, ...COLUMNS]) {
    if (first) part(".sorting").append(new Option(say[`stock_${name}`], name));
  }
  part(".sorting").addEventListener("change", ({ target }) => {
    Object.assign(choice, { sort: target.value, descending: COLUMNS.find(({ name }) => name === target.value)?.first === "down" });
    changed();
  });
  part(".direction").addEventListener("click", () => {
    choice.descending = !choice.descending;
    changed();
  });
  columnChoice(part(".columns"));

  function columnChoice(details) {
    const boxes = COLUMNS.filter(({ rank }) => rank > 0).map(({ name }) => {
      const label = element("label");
      const input = element("input");
      Object.assign(input, { type: "checkbox", name });
      label.append(input, ` ${say[`stock_${name}`]}`);
      input.addEventListener("change", () => {
        choice.columns = boxes.map((each) => each.firstElementChild).filter((each) => each.checked).map((each) => each.name);
        changed();
      });
      return label;
    });
    const fit = element("button", "", say.stock_columns_fit);
    fit.type = "button";
    fit.addEventListener("click", () => {
      choice.columns = null;
      changed();
      tell();
    });
    const tell = () => {
      const { shown } = list().columns();
      for (const box of boxes) box.firstElementChild.checked = shown.includes(box.firstElementChild.name);
    };
    details.querySelector("div").append(...boxes, fit);
    details.addEventListener("toggle", () => details.open && tell());
    details.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !details.open) return;
      details.open = false;
      details.querySelector("summary").focus();
      event.preventDefault();
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!details.contains(target)) details.open = false;
    });
  }

  for (const box of section.querySelectorAll(".box")) {
    for (const name of ["pointermove", "keydown", "wheel"]) {
      box.addEventListener(name, ({ timeStamp }) => (touchedAt = timeStamp), { passive: true });
    }
  }
  section.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented || desk.selected === null || event.target.closest(".item-panel")) return;
    desk.select(null);
    event.preventDefault();
  });
  desk.onSelect((sku, before) => {
    panel.show();
    list().touch(new Set([sku, before]));
    if (sku === null) list().focus();
    else list().reveal(sku);
  });

  let linked = null; // the item of the address with which the page was opened, until the room is known
  function opened(sku) {
    linked = room.session ? null : sku;
    if (sku && room.items.has(sku)) desk.select(sku);
  }

  heatLegend(part(".legend"), say);
  showChoice();
  return {
    show(changes) {
      if (changes.all) board.trails.forget();
      if (changes.all) desk.finder.load().then(arrangeNow);
      else if (changes.order) desk.finder.ready().then((whole) => whole || arrangeNow());
      if (changes.all || changes.order || !made[choice.mode]) {
        arrangeNow();
      } else if (changes.items.size) {
        outdated = true;
        touch(changes.items);
      }
      if (desk.selected !== null && (changes.all || changes.pushed || changes.order || changes.items.has(desk.selected))) panel.show();
      if (linked) opened(linked);
    },
    tick() {
      board.trails.tick();
      if (outdated && performance.now() - touchedAt > HANDS_ON) arrangeNow();
    },
    /** #stock/SKU opens an item. */
    opened,
  };
}
