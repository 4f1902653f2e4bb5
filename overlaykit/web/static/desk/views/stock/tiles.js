// Items as cards, to be read from afar, and as a heatmap: one cell each, in the colour of how it stands.

import { element } from "../../dom.js";
import { windowedList } from "../../list.js";

const MARKS = { low: "▾", critical: "!", sold_out: "×", closed: "–", upcoming: "…", presale: "◷", on_sale: "" }; // never by colour alone
const CARD = { width: 232, height: 148 };
const CELLS = [[148, 104], [116, 84], [88, 68], [56, 48], [46, 40], [36, 32]]; // the biggest of which all items have room, else the smallest
const LONG = 8; // characters of a number that a card writes smaller, so that it is never cut
const WIDE = 5; // and of one that a cell of the heatmap does
const [SMALL, LARGE] = [68, 84]; // pixels: a cell so high has room for its number, too

function tiles(box, rows, desk, { make, update, size, open }) {
  let [across, height] = [1, 1];
  let count = 0;
  rows.setAttribute("role", "listbox");
  const list = windowedList(box, rows, { make, update, line: () => height, across: () => across, open });

  function fit() {
    const [width, tall] = size(box.clientWidth, box.clientHeight, count);
    const next = Math.max(1, Math.floor(box.clientWidth / width));
    if (next === across && tall === height) return;
    [across, height] = [next, tall];
    rows.style.setProperty("--tile", `${100 / across}%`);
    rows.style.setProperty("--tall", `${tall}px`);
    rows.dataset.telling = tall >= LARGE ? "large" : tall >= SMALL ? "small" : "";
    list.layout();
  }

  new ResizeObserver(fit).observe(box);
  return {
    show(keys) {
      count = keys.length;
      fit();
      list.show(keys);
    },
    touch: list.touch,
    reveal: list.reveal,
    focus: list.focus,
    drawTrails() {},
  };
}

function option(className) {
  const made = element("div", className);
  made.setAttribute("role", "option");
  return made;
}

function say(node, text) {
  if (node.said === text) return;
  node.said = text;
  node.textContent = text;
}

function mark(tile, desk, item, place, count) {
  const { dataset } = tile;
  if (dataset.sku !== item.sku) dataset.sku = item.sku;
  if (dataset.heat !== item.heat) dataset.heat = item.heat;
  if (dataset.state !== item.state) dataset.state = item.state;
  const air = item.on_air ? "yes" : "no";
  if (dataset.air !== air) dataset.air = air;
  const selected = String(item.sku === desk.selected);
  if (tile.ariaSelected !== selected) tile.ariaSelected = selected;
  const [position, all] = [String(place + 1), String(count)];
  if (tile.ariaPosInSet !== position) tile.ariaPosInSet = position;
  if (tile.ariaSetSize !== all) tile.ariaSetSize = all;
}

/** Cards with big numbers. */
export function itemCards(box, desk, board) {
  const { words, room } = desk;
  const rows = element("div", "rows");
  rows.ariaLabel = words.items;
  box.append(rows);

  function make() {
    const card = option("card-of-item");
    const inner = element("div", "inner");
    const parts = {};
    for (const name of ["link", "title", "available", "which", "state", "over", "more"]) parts[name] = element("span", name);
    parts.available.classList.add("number");
    const [head, left, foot] = [element("div", "head"), element("div", "left"), element("div", "foot")];
    head.append(parts.link, parts.title, parts.which);
    left.append(parts.available);
    foot.append(parts.state, parts.over, parts.more);
    inner.append(head, left, foot);
    card.append(inner);
    card.parts = parts;
    return card;
  }

  function update(card, sku, place) {
    const item = room.items.get(sku);
    mark(card, desk, item, place, board.count());
    const { parts } = card;
    say(parts.link, item.link === null ? "" : String(item.link));
    say(parts.title, item.title);
    say(parts.which, item.variant ?? "");
    const available = board.numbers.format(item.available);
    say(parts.available, available);
    parts.available.classList.toggle("long", available.length >= LONG);
    say(parts.state, item.stale ? words.stock_stale : words[`state_${item.state}`]);
    const pace = item.pace_per_minute === null ? [] : [`${board.pace(item.pace_per_minute)}${words.stock_a_minute}`];
    const air = item.on_air ? [words.on_air] : [];
    say(parts.over, item.oversold ? `${words.oversold} ${board.numbers.format(item.oversold)}` : "");
    say(parts.more, [...air, `${words.sold} ${board.numbers.format(item.sold)}`, ...pace].join(" · "));
  }

  return tiles(box, rows, desk, { make, update, open: board.open, size: () => [CARD.width, CARD.height] });
}

/** The heatmap. */
export function itemHeat(box, desk, board) {
  const { words, room } = desk;
  const rows = element("div", "rows");
  rows.ariaLabel = words.items;
  box.append(rows);

  function make() {
    const cell = option("cell-of-item");
    const inner = element("div", "inner");
    cell.parts = { link: element("b"), left: element("span", "number"), mark: element("i") };
    cell.parts.mark.ariaHidden = "true";
    inner.append(cell.parts.link, cell.parts.left, cell.parts.mark);
    cell.append(inner);
    return cell;
  }

  function update(cell, sku, place) {
    const item = room.items.get(sku);
    mark(cell, desk, item, place, board.count());
    say(cell.parts.link, item.link === null ? "·" : String(item.link));
    const left = board.compact.format(item.available);
    say(cell.parts.left, left);
    cell.parts.left.toggleAttribute("data-long", left.length > WIDE);
    say(cell.parts.mark, item.stale ? "?" : MARKS[item.state]);
    const state = item.stale ? words.stock_stale : words[`state_${item.state}`];
    const label = `${item.link ?? ""} ${room.title(sku)} · ${state} · ${words.available} ${board.numbers.format(item.available)}`;
    if (cell.label === label) return;
    cell.label = cell.ariaLabel = label;
  }

  const size = (width, height, count) =>
    CELLS.find(([wide, tall]) => Math.floor(width / wide) * Math.floor(height / tall) >= count) ?? CELLS[CELLS.length - 1];
  return tiles(box, rows, desk, { make, update, open: board.open, size });
}

/** What the colours and marks mean, into `list`. */
export function heatLegend(list, words) {
  const meant = [["green", "on_sale"], ["green", "presale"], ["yellow", "low"], ["red", "critical"], ["red", "sold_out"], ["grey", "upcoming"],
    ["grey", "closed"]];
  for (const [heat, state] of meant) {
    const line = element("li", "", words[`state_${state}`]);
    const cell = element("i", "", MARKS[state] || "\u00a0");
    cell.dataset.heat = heat;
    cell.dataset.state = state;
    line.prepend(cell);
    list.append(line);
  }
  const stale = element("li", "", words.stock_stale);
  const cell = element("i", "", "?");
  cell.dataset.heat = "grey";
  stale.prepend(cell);
  list.append(stale);
}
