// The running order, to be rearranged: by dragging, or by keyboard with Alt and the arrows.

import { featured } from "../actions/air.js";
import { element, write } from "../dom.js";
import { windowedList } from "../list.js";

const LINE = 44; // pixels: a touch target

/** Keeps `section` (a details) true to it, while it is open. */
export function runningNow(section, desk) {
  const { words: say, room, may } = desk;
  const rows = section.querySelector("ol");
  const possible = (id) => desk.registry.possible(desk.registry.get(id));
  let dragged = null;

  async function move(sku, position) {
    if (position < 1 || position > room.order.length) return;
    const { ok } = await desk.act("item.move", { sku, position });
    if (ok) desk.say(`${room.title(sku)}${say.colon}${position}`);
  }

  function feature(sku) {
    const { link } = featured(room, sku);
    desk.act("item.feature", link ? { link } : { sku });
  }

  function make() {
    const line = element("li", "row");
    line.setAttribute("role", "option");
    line.append(element("b", "link number"), element("span", "title"), element("b", "which"), element("small", "state"));
    if (!may) return line;
    line.addEventListener("dragstart", ({ dataTransfer }) => {
      dragged = line.listKey;
      list.reveal(dragged); // what is dragged stays in the page, however far the list is scrolled meanwhile
      dataTransfer.effectAllowed = "move";
      dataTransfer.setData("text/plain", dragged);
    });
    line.addEventListener("dragend", () => {
      dragged = null;
      for (const each of rows.children) delete each.dataset.drop;
    });
    line.addEventListener("dragover", (event) => {
      if (dragged === null || dragged === line.listKey) return;
      event.preventDefault();
      line.dataset.drop = room.order.indexOf(dragged) < room.order.indexOf(line.listKey) ? "after" : "before";
    });
    line.addEventListener("dragleave", () => delete line.dataset.drop);
    line.addEventListener("drop", (event) => {
      event.preventDefault();
      delete line.dataset.drop;
      if (dragged !== null && dragged !== line.listKey) move(dragged, room.order.indexOf(line.listKey) + 1);
    });
    return line;
  }

  function update(line, sku, place) {
    const item = room.items.get(sku);
    line.dataset.sku = sku;
    line.draggable = possible("item.move");
    line.title = possible("item.feature") ? say.running_hint : "";
    delete line.dataset.drop;
    line.classList.toggle("on-air", item.on_air);
    line.ariaCurrent = item.on_air ? "true" : null;
    line.ariaPosInSet = String(place + 1);
    line.ariaSetSize = String(room.order.length);
    write(line.querySelector(".link"), item.link ?? "");
    write(line.querySelector(".title"), item.title);
    write(line.querySelector(".which"), item.variant ?? "");
    write(line.querySelector(".state"), item.on_air ? say.on_air : ["on_sale", "presale"].includes(item.state) ? "" : say[`state_${item.state}`]);
  }

  const list = windowedList(rows.parentElement, rows, { make, update, line: () => LINE, open: (sku) => may && feature(sku) });
  if (may) {
    rows.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const sku = event.target.listKey;
      if (!step || !event.altKey || sku === undefined) return;
      event.preventDefault();
      move(sku, room.order.indexOf(sku) + 1 + step);
    });
  }

  function draw() {
    list.show(room.order);
    const focused = rows.contains(document.activeElement) ? document.activeElement.listKey : undefined;
    if (focused !== undefined) list.reveal(focused); // it may have been moved out of sight
  }
  section.addEventListener("toggle", () => section.open && room.session && draw());

  return {
    show(changes) {
      if (!section.open) return;
      if (changes.all || changes.order) draw();
      if (changes.session) list.touch();
      if (changes.items.size) list.touch(changes.items);
    },
  };
}
