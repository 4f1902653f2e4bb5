// The panel of the selected item: its numbers by location, by channel, by drop; the controls that are about it.

import { element, fill, keepChildren, write } from "../../dom.js";
import { inLanguage } from "../../language.js";
import { valueOf } from "./arrangement.js";
import { drawTrail } from "./trails.js";

const FIGURES = ["available", "held", "committed", "sold", "oversold", "pace", "ends", "price", "cost"];
const PROVABLE = ["available", "held", "committed", "sold", "oversold", "on_hand", "buffer", "damaged", "incoming"];
const UNITS = ["on_hand", "available", "held", "committed", "buffer", "damaged", "incoming"];
const TREND_HEIGHT = 56;

/** Keeps `panel` true to the selected item; `board` as in table.js. */
export function itemPanel(panel, desk, board) {
  const { words: say, room, clock, may } = desk;
  const part = (name) => panel.querySelector(`.${name}`);
  const figures = part("figures");
  const trend = part("trend");
  const tables = {};
  let controlled = null;

  part("close").addEventListener("click", () => desk.select(null));
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) desk.select(null);
  });
  const sectionOf = (name) => panel.querySelector(`.panel-tables > .${name}`);
  for (const name of ["places", "channels", "drops"]) tables[name] = sectionOf(name).querySelector("table");
  new ResizeObserver(() => drawn()).observe(trend.parentElement);

  // A number says which entries made it, where somebody can tell.
  function prove(cell, text, field, location) {
    const known = desk.proveNumber && PROVABLE.includes(field);
    if (!known) {
      write(cell, text);
      return;
    }
    let button = cell.querySelector("button");
    if (!button) {
      button = element("button", "prove");
      button.type = "button";
      button.title = say.stock_prove;
      button.addEventListener("click", () => desk.proveNumber(desk.selected, field, button.dataset.location || undefined));
      cell.replaceChildren(button);
    }
    button.dataset.location = location ?? "";
    write(button, text);
  }

  function valueIn(item, units, name) {
    if (name === "price") return desk.money(item.price) || "–";
    if (name === "cost") return desk.money(units.cost) || "–";
    const value = valueOf(room, item.sku, name);
    if (value === null) return "–";
    if (name === "pace") return board.pace(value);
    return name === "ends" ? clock.time(value).slice(0, 5) : board.numbers.format(value);
  }

  function showFigures(item, units) {
    const names = FIGURES.filter((name) => name !== "cost" || may);
    keepChildren(figures, names, {
      key: (name) => name,
      make: (name) => {
        const pair = element("div");
        pair.dataset.figure = name;
        pair.append(element("dt", "", say[`stock_${name}`]), element("dd", "number"));
        return pair;
      },
      update: (pair, name) => {
        prove(pair.lastElementChild, valueIn(item, units, name), name);
        pair.dataset.alarm = name === "oversold" && item.oversold > 0;
      },
    });
  }

  /** `lines`: [name, title, cells]; a cell is a text, or {text, field, location, alarm}. */
  function showTable(name, columns, lines) {
    sectionOf(name).hidden = !lines.length;
    const table = tables[name];
    if (!table.tHead) {
      const head = table.createTHead().insertRow();
      head.append(...["", ...columns].map((label, place) => {
        const cell = element("th", place ? "number" : "", label);
        cell.scope = "col";
        return cell;
      }));
      table.createTBody();
    }
    keepChildren(table.tBodies[0], lines, {
      key: ([line]) => line,
      make: () => {
        const row = element("tr");
        const first = element("th");
        first.scope = "row";
        row.append(first, ...columns.map(() => element("td", "number")));
        return row;
      },
      update: (row, [line, title, cells]) => {
        row.dataset.name = line;
        write(row.cells[0], title);
        cells.forEach((cell, place) => {
          const node = row.cells[place + 1];
          if (typeof cell === "string") write(node, cell);
          else prove(node, cell.text, cell.field, cell.location);
          node.classList.toggle("alarm", Boolean(cell.alarm));
        });
      },
    });
  }

  const number = (value) => (value === null || value === undefined ? "–" : board.numbers.format(value));

  function showPlaces(units) {
    const lines = Object.entries(units.locations).map(([name, row]) => {
      const cells = UNITS.map((unit) => ({ text: number(row[unit]), field: unit, location: name }));
      return [name, desk.plan.locations[name] ?? name, [...cells, units.due[name] ?? "–"]];
    });
    showTable("places", [...UNITS.map((unit) => say[unit]), say.stock_due], lines);
  }

  function showChannels(sku, units) {
    const lines = [];
    for (const [name, title] of Object.entries(desk.plan.channels)) {
      const [share, pushed] = [units.allotments[name], room.pushed[name]?.[sku]];
      if (!share && !pushed) continue;
      const level = pushed ? { text: `${number(pushed.quantity)}${pushed.failed ? ` · ${inLanguage(pushed.failed, desk.lang)}` : ""}`, alarm: pushed.failed } : "–";
      lines.push([name, title, [number(share?.allotted), number(share?.used), number(share?.left), level]]);
    }
    showTable("channels", ["allotted", "used", "left", "pushed"].map((each) => say[`stock_${each}`]), lines);
  }

  function showDrops(units) {
    const lines = Object.entries(units.drops).map(([name, drop]) =>
      [name, name, [say[`stock_drop_${drop.status}`], number(drop.allotted), number(drop.used), number(drop.left), number(drop.sold)]]);
    showTable("drops", [say.state, say.stock_allotted, say.stock_used, say.stock_left, say.sold], lines);
  }

  function showParts(units) {
    const parts = Object.entries(units.bundle);
    sectionOf("parts").hidden = !parts.length;
    keepChildren(sectionOf("parts").querySelector("ul"), parts, {
      key: ([sku]) => sku,
      make: ([sku]) => {
        const line = element("li");
        const button = element("button");
        button.type = "button";
        button.addEventListener("click", () => desk.select(sku));
        line.append(button);
        return line;
      },
      update: (line, [sku, quantity]) => {
        const left = room.items.get(sku)?.available;
        write(line.firstElementChild, `${quantity} × ${room.title(sku)} · ${say.available} ${number(left)}`);
      },
    });
  }

  function drawn() {
    if (desk.selected !== null) drawTrail(trend, board.trails.of(desk.selected), trend.parentElement.clientWidth, TREND_HEIGHT);
  }

  function show() {
    const sku = desk.selected;
    const [item, units] = [room.items.get(sku), room.units.get(sku)];
    panel.hidden = !item;
    if (!item) return;
    Object.assign(panel.dataset, { sku, heat: item.heat, state: item.state });
    write(part("link"), item.link ?? "");
    part("link").hidden = item.link === null;
    write(part("name"), item.title);
    write(part("which"), item.variant ? ` ${item.variant}` : "");
    write(part("sku"), sku);
    write(part("pill"), say[`state_${item.state}`]);
    write(part("air"), item.on_air ? say.on_air : "");
    const troubles = [];
    if (item.oversold > 0) troubles.push(fill(say.stock_oversold_by, { n: number(item.oversold) }));
    if (item.stale) troubles.push(say.stale_item);
    if (units.pool < 0) troubles.push(fill(say.over_allotted, { units: -units.pool }));
    if (item.ship_by) troubles.push(fill(say.stock_ships_by, { day: item.ship_by }));
    write(part("troubles"), troubles.join(" · "));
    showFigures(item, units);
    showPlaces(units);
    showChannels(sku, units);
    showDrops(units);
    showParts(units);
    if (controlled === sku) return;
    controlled = sku;
    const controls = part("item-controls");
    controls.replaceChildren();
    controls.dataset.sku = sku;
    desk.itemControls?.(controls, sku);
    board.trails.want("panel", [sku]);
    drawn();
  }

  return { show, drawn };
}
