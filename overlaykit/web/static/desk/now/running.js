// The running order, to be rearranged: by dragging, or by keyboard with Alt and the arrows.

import { featured } from "../actions/air.js";
import { element, keepChildren, write } from "../dom.js";

/** Keeps `section` (a details) true to it, while it is open. */
export function runningNow(section, desk) {
  const { words: say, room, may } = desk;
  const list = section.querySelector("ol");
  let dragged = null;

  async function move(sku, position) {
    if (position < 1 || position > room.order.length) return;
    const { ok } = await desk.act("item.move", { sku, position });
    if (ok) desk.say(`${room.title(sku)}${say.colon}${position}`);
  }

  function made(sku) {
    const line = element("li", "row");
    const button = element("button", "item");
    button.type = "button";
    button.append(element("b", "link number"), element("span", "title"), element("small", "state"));
    line.append(button);
    if (!may) {
      button.disabled = true;
      return line;
    }
    button.title = say.running_hint;
    button.addEventListener("click", () => {
      const { link } = featured(room, sku);
      desk.act("item.feature", link ? { link } : { sku });
    });
    button.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      if (event.altKey) move(sku, room.order.indexOf(sku) + 1 + step);
      else (step > 0 ? line.nextElementSibling : line.previousElementSibling)?.querySelector("button").focus();
    });
    line.draggable = true;
    line.addEventListener("dragstart", (event) => {
      dragged = sku;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", sku);
    });
    line.addEventListener("dragend", () => {
      dragged = null;
      for (const each of list.children) delete each.dataset.drop;
    });
    line.addEventListener("dragover", (event) => {
      if (dragged === null || dragged === sku) return;
      event.preventDefault();
      line.dataset.drop = room.order.indexOf(dragged) < room.order.indexOf(sku) ? "after" : "before";
    });
    line.addEventListener("dragleave", () => delete line.dataset.drop);
    line.addEventListener("drop", (event) => {
      event.preventDefault();
      delete line.dataset.drop;
      if (dragged !== null && dragged !== sku) move(dragged, room.order.indexOf(sku) + 1);
    });
    return line;
  }

  function update(line, sku) {
    const item = room.items.get(sku);
    line.classList.toggle("on-air", item.on_air);
    write(line.querySelector(".link"), item.link ?? "");
    write(line.querySelector(".title"), room.title(sku));
    write(line.querySelector(".state"), item.on_air ? say.on_air : ["on_sale", "presale"].includes(item.state) ? "" : say[`state_${item.state}`]);
  }

  const draw = () => keepChildren(list, room.order, { key: (sku) => sku, make: made, update });
  section.addEventListener("toggle", () => section.open && room.session && draw());

  return {
    show(changes) {
      if (!section.open) return;
      if (changes.all || changes.order) {
        draw();
        return;
      }
      if (!changes.items.size) return;
      for (const line of list.children) if (changes.items.has(line.dataset.key)) update(line, line.dataset.key);
    },
  };
}
