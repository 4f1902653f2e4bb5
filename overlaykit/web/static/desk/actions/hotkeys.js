// Keys. Never while something is being typed or a dialog is open; what is dangerous asks, whatever it was pressed with. A letter by itself
// changes nothing: somebody may believe to be typing. What acts at once wants Shift.

import { openDialog } from "../dialog.js";
import { element, fill, write } from "../dom.js";

const MOST_LINK = 9999;
const FORGOTTEN = 2500; // a digit, or a g, that nothing followed

const typing = (target) => target.closest?.("input, select, textarea, [contenteditable]") && !["checkbox", "radio", "range", "button"].includes(target.type);

/** Keys as people read them. */
export const keysText = (keys) => keys.replace("Control+k", "Ctrl K").replace("Shift+", "Shift ").replace(/\b[a-z]\b/g, (letter) => letter.toUpperCase());

/** How the registry writes what was pressed: "/", "g", "Shift+n". */
const pressedKey = ({ key, shiftKey }) => (/^[a-z]$/i.test(key) ? `${shiftKey ? "Shift+" : ""}${key.toLowerCase()}` : key);

/** Listens for the hotkeys of the registry, and for digits with Enter: that link number on air. */
export function listenForKeys(desk, registry) {
  const { words: say } = desk;
  const shown = element("output", "typed");
  shown.hidden = true;
  document.body.append(shown);
  let [digits, before, forget] = ["", "", 0];

  function remember(nextDigits, nextBefore) {
    [digits, before] = [nextDigits, nextBefore];
    clearTimeout(forget);
    shown.hidden = !digits && !before;
    if (shown.hidden) return;
    write(shown, digits ? fill(say.typed_link, { n: digits }) : `${before.toUpperCase()} …`);
    forget = setTimeout(() => remember("", ""), FORGOTTEN);
  }

  function pressed(event) {
    const palette = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k";
    if (palette && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      remember("", "");
      desk.act("desk.palette");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (/^[0-9]$/.test(event.key) && desk.may) {
      remember(digits + event.key, "");
      return;
    }
    if (event.key === "Enter" && digits) {
      taken(event);
      const typed = digits;
      remember("", "");
      if (Number(typed) > MOST_LINK) desk.history.tell(fill(say.no_such_link, { n: typed }), "refused"); // the bar code of a scanner, say
      else desk.act("air.link", { link: Number(typed) });
      return;
    }
    const key = pressedKey(event);
    const keys = before ? `${before} ${key}` : key;
    const meant = registry.all().filter((each) => each.hotkey === keys);
    const action = meant.find(registry.possible) ?? (desk.may ? meant[0] : undefined); // one that cannot be done now says why
    const begins = !before && registry.all().some(({ hotkey }) => hotkey?.startsWith(`${key} `));
    remember("", action || !begins ? "" : key);
    if (!action) return;
    taken(event);
    desk.act(action.id);
  }

  /** It is meant for nothing else: a row of a list that has the focus opens by Enter, too. */
  function taken(event) {
    event.preventDefault();
    event.stopPropagation();
  }

  addEventListener("keydown", pressed, true);
}

/** The dialog that says all of them. */
export function helpOf(desk, registry) {
  const { words: say } = desk;
  return function help() {
    const { body, open } = openDialog("help", say["act_desk.help"], { closing: say.close });
    const listed = registry.all().filter(({ hotkey, keys }) => hotkey || keys).filter((action) => desk.may || action.open);
    const groups = new Map();
    for (const action of listed) groups.set(action.group, [...(groups.get(action.group) ?? []), action]);
    for (const [group, actions] of groups) {
      const table = element("table");
      table.append(element("caption", "", say[`group_${group}`]));
      for (const action of actions) {
        const row = table.insertRow();
        const head = element("th");
        head.scope = "row";
        head.append(element("kbd", "", action.keys ?? keysText(action.hotkey)));
        row.append(head, element("td", "", action.title ?? registry.title(action.id)));
      }
      body.append(table);
    }
    body.append(element("p", "summary", say.help_typing));
    open();
  };
}
