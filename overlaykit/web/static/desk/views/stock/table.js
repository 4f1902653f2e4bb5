// The table of items, and of products with their variants under them.

import { element, fill } from "../../dom.js";
import { isProduct, PRODUCT, valueOf, valueOfProduct } from "./arrangement.js";
import { COLUMNS, columnsFor, gridOf } from "./columns.js";
import { windowedList } from "../../list.js";
import { drawTrail } from "./trails.js";

const LINE = 44; // pixels: a touch target
const TREND = [75, 28];
const LONG = 7; // characters of a number that is written smaller, so that it is never cut

/**
 * The table in `box`. `board` is what the stock view knows: room, choice, variants, trails, numbers, and what it does: open, sortBy, fold.
 * Gives {show(keys), touch(skus), reveal(sku), focus(), drawTrails(skus), columns()}.
 */
export function itemTable(box, desk, board) {
  const { words: say, room, clock } = desk;
  const { choice } = board;
  const [head, rows] = [element("div", "head"), element("div", "rows")];
  const line = element("div", "line");
  line.setAttribute("role", "row");
  line.ariaRowIndex = "1";
  head.setAttribute("role", "rowgroup");
  rows.setAttribute("role", "rowgroup");
  head.append(line);
  box.append(head, rows);
  let columns = [];
  let rem = 16;

  const list = windowedList(box, rows, {
    make,
    update,
    line: () => LINE,
    open: (key) => (isProduct(key) ? board.fold(key) : board.open(key)),
    side: (key, direction) => isProduct(key) && board.fold(key, direction === "left"),
    seen: (keys) => columns.some(({ name }) => name === "trend") && board.trails.want("table", keys.filter((key) => !isProduct(key))),
  });

  function arrangeColumns() {
    rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const next = columnsFor((box.clientWidth - 2) / rem, choice.columns);
    if (next.length === columns.length && next.every((column, place) => column === columns[place])) return;
    columns = next;
    box.style.setProperty("--columns", gridOf(columns));
    box.ariaColCount = String(columns.length);
    line.replaceChildren(...columns.map(headCell));
    showSort();
    list.reset();
  }

  function headCell({ name, first, number }) {
    const cell = element("div", number ? "number" : "");
    cell.setAttribute("role", "columnheader");
    cell.dataset.column = name;
    if (!first) {
      cell.append(element("span", name === "picture" ? "unseen" : "", say[`stock_${name}`]));
      return cell;
    }
    const button = element("button", "", say[`stock_${name}`]);
    button.type = "button";
    button.addEventListener("click", () => board.sortBy(name));
    cell.append(button);
    return cell;
  }

  function showSort() {
    for (const cell of line.children) {
      const here = cell.dataset.column === choice.sort;
      if (here) cell.ariaSort = choice.descending ? "descending" : "ascending";
      else cell.removeAttribute("aria-sort");
    }
  }

  function make() {
    const row = element("div", "item");
    row.setAttribute("role", "row");
    const cells = {};
    for (const { name, number } of columns) {
      const cell = element("div", `of-${name}${number ? " number" : ""}`);
      cell.setAttribute("role", "gridcell");
      cells[name] = cell;
      row.append(cell);
    }
    const title = element("span", "title");
    const under = element("span", "under");
    const [air, which, over, old, sku] = [element("em", "air"), element("b", "which"), element("em", "over"), element("em", "old"), element("small", "sku")];
    under.append(which, over, old, air, sku);
    cells.item.append(title, under);
    const state = element("span", "pill");
    cells.state.append(state);
    row.parts = { cells, title, which, sku, air, over, old, state, texts: new Map() };
    if (cells.picture) {
      row.parts.picture = element("img");
      Object.assign(row.parts.picture, { alt: "", loading: "lazy", decoding: "async", width: 36, height: 36 });
      cells.picture.append(row.parts.picture);
    }
    if (cells.trend) {
      row.parts.trend = element("canvas");
      row.parts.trend.setAttribute("aria-hidden", "true");
      cells.trend.append(row.parts.trend);
    }
    return row;
  }

  // Reading what stands in the page is slower than remembering it.
  function put(row, name, node, text) {
    const { texts } = row.parts;
    if (texts.get(name) === text) return;
    texts.set(name, text);
    node.textContent = text;
  }

  function mark(row, name, value) {
    const { texts } = row.parts;
    if (texts.get(`@${name}`) === value) return;
    texts.set(`@${name}`, value);
    if (value === null) row.removeAttribute(name);
    else row.setAttribute(name, value);
  }

  function update(row, key, place) {
    mark(row, "aria-rowindex", place + 2);
    if (isProduct(key)) updateProduct(row, key);
    else updateItem(row, key);
  }

  function updateItem(row, sku) {
    const item = room.items.get(sku);
    const { parts } = row;
    const child = choice.grouped && item.product !== null;
    mark(row, "data-sku", sku);
    mark(row, "data-product", null);
    mark(row, "data-heat", item.heat);
    mark(row, "data-state", item.state);
    mark(row, "data-oversold", item.oversold > 0 ? "yes" : null);
    mark(row, "class", `item${item.on_air ? " on-air" : ""}${child ? " variant" : ""}`);
    mark(row, "aria-selected", String(sku === desk.selected));
    mark(row, "aria-level", choice.grouped ? (child ? 2 : 1) : null);
    mark(row, "aria-expanded", null);
    // Variants of a product have the same title, which may be long: which of them it is stands by itself.
    put(row, "title", parts.title, child && item.variant ? item.variant : item.title);
    put(row, "which", parts.which, child ? "" : item.variant ?? "");
    put(row, "sku", parts.sku, sku);
    put(row, "air", parts.air, item.on_air ? say.on_air : "");
    put(row, "over", parts.over, overText(item, room.units.get(sku)?.pool));
    put(row, "old", parts.old, item.stale ? say.stock_stale : "");
    put(row, "state", parts.state, say[`state_${item.state}`] ?? item.state);
    if (parts.picture) picture(row, item.image);
    for (const { name, number } of columns) if (number || name === "link" || name === "drop") figure(row, name, told(name, item));
    if (parts.trend && row.trendOf !== sku) {
      row.trendOf = sku;
      drawTrail(parts.trend, board.trails.of(sku), ...TREND);
    }
  }

  function overText(item, pool) {
    if (item.oversold > 0) return fill(say.stock_oversold_by, { n: board.numbers.format(item.oversold) });
    return pool < 0 ? fill(say.over_allotted, { units: board.numbers.format(-pool) }) : "";
  }

  function told(name, item) {
    if (name === "price") return desk.money(item.price);
    if (name === "drop") return item.drop ? `${item.drop.name} ${board.numbers.format(item.drop.available)}` : "";
    return said(name, valueOf(room, item.sku, name));
  }

  function said(name, value) {
    if (value === null) return "";
    if (name === "link") return String(value);
    if (name === "pace") return board.pace(value);
    if (name === "ends") return clock.time(value).slice(0, 5);
    if (name === "oversold" && value === 0) return "";
    return value < 1e7 ? board.numbers.format(value) : board.compact.format(value);
  }

  function updateProduct(row, key) {
    const skus = board.variants.get(key);
    const { parts } = row;
    const items = skus.map((sku) => room.items.get(sku));
    // It stands as its best variant does; how many are gone is said beside it.
    const sellable = ["on_sale", "presale", "low", "critical"];
    const best = items.find(({ state }) => state === sellable.find((each) => items.some((item) => item.state === each))) ?? items[0];
    const gone = items.filter(({ state }) => state === "sold_out").length;
    mark(row, "data-sku", null);
    mark(row, "data-product", key.slice(PRODUCT.length));
    mark(row, "data-heat", best.heat);
    mark(row, "data-state", best.state);
    mark(row, "data-oversold", items.some(({ oversold }) => oversold > 0) ? "yes" : null);
    mark(row, "class", `item product${items.some(({ on_air: air }) => air) ? " on-air" : ""}`);
    mark(row, "aria-selected", null);
    mark(row, "aria-level", 1);
    mark(row, "aria-expanded", String(!choice.folded.has(key)));
    put(row, "title", parts.title, items[0].title);
    put(row, "sku", parts.sku, fill(say.stock_variants, { n: skus.length }));
    put(row, "over", parts.over, gone && gone < items.length ? fill(say.stock_gone, { n: gone }) : "");
    for (const name of ["air", "which", "old"]) put(row, name, parts[name], "");
    put(row, "state", parts.state, say[`state_${best.state}`]);
    if (parts.picture) picture(row, items.find(({ image }) => image)?.image ?? null);
    for (const { name, number } of columns) {
      if (!number && name !== "link" && name !== "drop") continue;
      const of = name === "link" ? items[0].link : name === "drop" || name === "price" ? null : valueOfProduct(room, skus, name);
      figure(row, name, said(name, of));
    }
    if (parts.trend) {
      row.trendOf = null;
      drawTrail(parts.trend, null, ...TREND);
    }
  }

  function figure(row, name, text) {
    put(row, name, row.parts.cells[name], text);
    const long = text.length >= LONG && name !== "drop";
    const known = `long ${name}`;
    if (row.parts.texts.get(known) === long) return;
    row.parts.texts.set(known, long);
    row.parts.cells[name].classList.toggle("long", long);
  }

  function picture(row, address) {
    const { picture: image, texts } = row.parts;
    if (texts.get("picture") === address) return;
    texts.set("picture", address);
    image.hidden = !address;
    if (address) image.src = address;
    else image.removeAttribute("src");
  }

  new ResizeObserver(arrangeColumns).observe(box);
  arrangeColumns();
  return {
    show(keys) {
      box.setAttribute("role", choice.grouped ? "treegrid" : "grid");
      box.ariaRowCount = String(keys.length + 1);
      arrangeColumns();
      showSort();
      list.show(keys);
    },
    touch: list.touch,
    reveal: list.reveal,
    focus: list.focus,
    drawTrails(skus) {
      for (const sku of skus) {
        const row = list.elements().get(sku);
        if (row?.parts.trend) drawTrail(row.parts.trend, board.trails.of(sku), ...TREND);
      }
    },
    /** Which columns there are now, and could be. */
    columns: () => ({ shown: columns.map(({ name }) => name), all: COLUMNS }),
  };
}
