// The command palette: everything that can be done, and every item, by a few letters. What an action has to be told is asked next.

import { openDialog } from "../dialog.js";
import { element, write } from "../dom.js";
import { linkName } from "./about.js";
import { keysText } from "./hotkeys.js";
import { ranked } from "./search.js";

const MOST = 40;
const POINTS = { 1: 70, 2: 100 }; // of an item that is found, and of the one whose link number was typed

/** `palette()` opens it. */
export function paletteOf(desk, registry) {
  const { words: say } = desk;
  let isOpen = false;

  const actions = () => registry.all().filter((action) => registry.possible(action) && action.id !== "desk.palette").map((action) => {
    const title = action.title ?? registry.title(action.id);
    const group = say[`group_${action.group}`];
    return { keys: [title, action.id, `${group} ${title}`, say[`also_${action.id}`] ?? ""], title, more: group, hotkey: action.hotkey, run: () => desk.act(action.id) };
  });

  /** What answers `query`, best first; of an action and an item that answer it equally well the action. Nothing asked: the actions. */
  function answers(query, known) {
    const items = query.trim() ? desk.finder.best(query) : [];
    const found = [
      ...ranked(query, known),
      ...items.slice(0, MOST).map(({ sku, rank }) => ({ points: POINTS[rank], entry: { title: linkName(desk, sku), which: desk.room.items.get(sku)?.variant, more: sku, run: () => openItem(sku) } })),
    ];
    found.sort((one, other) => other.points - one.points);
    return found.slice(0, MOST).map(({ entry }) => entry);
  }

  function openItem(sku) {
    desk.go("stock", sku);
    desk.select(sku);
  }

  return function palette() {
    if (isOpen) return;
    isOpen = true;
    const { dialog, heading, body, closed, open, close } = openDialog("palette", say["act_desk.palette"], { beside: true });
    heading.className = "unseen";
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
    body.append(input, list, none);
    const known = actions();
    let [found, at] = [[], 0];

    function draw() {
      found = answers(input.value, known);
      at = 0;
      list.replaceChildren(...found.map((entry, place) => {
        const line = element("li");
        line.id = `palette-${place}`;
        line.setAttribute("role", "option");
        const what = element("span", "what");
        what.append(element("span", "title", entry.title), " ", element("b", "which", entry.which ?? ""));
        line.append(what, element("small", "more", entry.more));
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
      if (event.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && found.length) mark((at + step + found.length) % found.length);
      else if (event.key === "Enter" && found[at]) close(found[at]);
      else return;
      event.preventDefault();
    });
    write(none, say.palette_none);
    desk.finder.ready().then(() => dialog.open && input.value && draw());
    draw();
    open();
    input.focus();
    closed.then((entry) => {
      isOpen = false;
      entry?.run();
    });
  };
}
