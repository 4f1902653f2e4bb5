// The command palette: everything that can be done, and every item, by a few letters. What an action has to be told is asked next.

import { element, fill, write } from "../dom.js";
import { openDialog } from "./form.js";
import { keysText } from "./hotkeys.js";
import { best } from "./search.js";

const MOST = 40;

/** `palette()` opens it. `keysOf(sku)`: more by which an item is found: aliases, pinyin. */
export function paletteOf(desk, registry) {
  const { words: say, room } = desk;
  let isOpen = false;

  function entries() {
    const actions = registry.all().filter((action) => registry.possible(action) && action.id !== "desk.palette").map((action) => {
      const title = action.title ?? registry.title(action.id);
      const group = say[`group_${action.group}`];
      return { keys: [title, action.id, `${group} ${title}`, say[`also_${action.id}`] ?? ""], title, more: group, hotkey: action.hotkey, weight: 2, run: () => desk.act(action.id) };
    });
    const items = room.order.map((sku) => {
      const { link } = room.items.get(sku);
      const title = [link && fill(say.link_number, { n: link }), room.title(sku)].filter(Boolean).join(" ");
      return { keys: [title, sku, String(link ?? ""), ...desk.keysOf(sku)], title, more: sku, run: () => openItem(sku) };
    });
    return [...actions, ...items];
  }

  function openItem(sku) {
    desk.go("stock", sku);
    desk.select(sku);
  }

  /** Opens it; `more` is a promise after which items are found by more words. */
  return function palette(more) {
    if (isOpen) return;
    isOpen = true;
    const { dialog, closed, open, close } = openDialog("palette", say["act_desk.palette"]);
    dialog.querySelector("h2").className = "unseen";
    const input = element("input");
    Object.assign(input, { type: "text", placeholder: say.palette_hint, autocomplete: "off", spellcheck: false });
    const list = element("ul");
    list.id = "palette-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", say["act_desk.palette"]);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "true", "aria-controls": list.id, "aria-autocomplete": "list", "aria-label": say.palette_hint })) {
      input.setAttribute(name, value);
    }
    const none = element("p", "summary", say.palette_none);
    none.setAttribute("role", "status");
    dialog.append(input, list, none);
    let known = entries();
    let [found, at] = [[], 0];

    function draw() {
      found = best(input.value, known, MOST);
      at = 0;
      list.replaceChildren(...found.map((entry, place) => {
        const line = element("li");
        line.id = `palette-${place}`;
        line.setAttribute("role", "option");
        line.append(element("span", "title", entry.title), element("small", "more", entry.more));
        if (entry.hotkey) line.append(element("kbd", "", keysText(entry.hotkey)));
        line.addEventListener("click", () => close(entry));
        return line;
      }));
      none.hidden = found.length > 0;
      mark(0);
    }

    function mark(place) {
      list.children[at]?.removeAttribute("aria-selected");
      at = place;
      const line = list.children[at];
      line?.setAttribute("aria-selected", "true");
      line?.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", line?.id ?? "");
    }

    input.addEventListener("input", draw);
    input.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && found.length) mark((at + step + found.length) % found.length);
      else if (event.key === "Enter" && found[at]) close(found[at]);
      else return;
      event.preventDefault();
    });
    dialog.addEventListener("click", (event) => event.target === dialog && close(null));
    write(none, say.palette_none);
    more.then(() => {
      known = entries();
      if (dialog.open && input.value) draw();
    });
    draw();
    open();
    input.focus();
    closed.then((entry) => {
      isOpen = false;
      entry?.run();
    });
  };
}
