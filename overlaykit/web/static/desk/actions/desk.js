// Gives the desk its actions: what parts of the page use of them.

import { element } from "../dom.js";
import { actorOf } from "./act.js";
import { historyOf } from "./history.js";
import { helpOf, keysText, listenForKeys } from "./hotkeys.js";
import { paletteOf } from "./palette.js";
import { itemControlsOf } from "./panel.js";
import { registryOf } from "./registry.js";
import { reloadOf } from "./reload.js";

const FRESH = 1000;

/**
 * Adds to `desk`:
 *   registry, history        what can be done (registry.js), what was done from here (history.js)
 *   act(id, values)          does it (act.js)
 *   itemControls(container, sku)   fills a container with what can be done with an item (panel.js)
 *   say(text)                tells a screen reader
 *   templates(), renewTemplates()   the plan's announcements as they read now: [{name, title, text, level, seconds, problem}]
 *   palette(), help(), reload(), undoLast(), search()
 */
export function giveActions(desk, shownViews) {
  const { room } = desk;
  let [templates, asked, asking, again] = [[], 0, false, false];
  const templateListeners = [];

  /** Asks how they read now; what changes while the answer is on its way is asked for once more. */
  async function askTemplates() {
    again = true;
    if (asking) return;
    asking = true;
    while (again) {
      [again, asked] = [false, Date.now()];
      templates = (await desk.ask("/desk/announcements")).body ?? templates;
      for (const listener of templateListeners) listener();
    }
    asking = false;
  }

  Object.assign(desk, {
    shownViews,
    templates: () => templates,
    renewTemplates() {
      if (Date.now() - asked >= FRESH) askTemplates();
    },
    onTemplates: (listener) => templateListeners.push(listener),
  });
  desk.registry = registryOf(desk);
  desk.history = historyOf(desk);
  desk.act = actorOf(desk, desk.registry, desk.history);
  desk.itemControls = itemControlsOf(desk);
  desk.help = helpOf(desk, desk.registry);
  desk.reload = reloadOf(desk, desk.history);
  desk.undoLast = () => desk.history.undoLast();
  desk.say = (text) => desk.history.tell(text, "said");
  desk.search = () => {
    const here = () => document.querySelector(".view > section:not([hidden]) input[type=search]");
    const look = () => here()?.focus();
    if (here()) {
      look();
      return;
    }
    addEventListener("hashchange", look, { once: true }); // after the view is there
    desk.go("stock");
  };
  desk.palette = paletteOf(desk, desk.registry);
  listenForKeys(desk, desk.registry);
  placeTools(desk);
  // Their texts are about the item on air: of another one, what was asked for a moment ago is wrong.
  room.listen((changes) => (changes.all || changes.onAir) && desk.may && askTemplates());
}

/** For who has no keyboard at hand: the palette and the help as buttons in the header. */
function placeTools(desk) {
  const tools = document.getElementById("tools");
  for (const [id, label] of [["desk.palette", desk.words.palette_button], ["desk.help", "?"]]) {
    const button = element("button", "tool", label);
    button.type = "button";
    button.title = `${desk.registry.title(id)} (${keysText(desk.registry.get(id).hotkey)})`;
    button.setAttribute("aria-label", desk.registry.title(id));
    button.addEventListener("click", () => desk.act(id));
    tools.append(button);
  }
}
