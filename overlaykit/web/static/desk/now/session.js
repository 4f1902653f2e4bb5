// What concerns the session as a whole.

import { doesOnClick } from "../actions/act.js";
import { element } from "../dom.js";

const ACTIONS = ["session.open", "session.freeze", "session.thaw", "plan.reload", "session.close"];

/** Puts them into `section`; those that can be done now are shown. */
export function sessionNow(section, desk) {
  const { registry } = desk;
  const buttons = new Map();
  if (desk.may) {
    for (const id of ACTIONS) {
      const button = doesOnClick(element("button", id === "session.close" ? "danger" : "", registry.title(id)), desk, id);
      button.dataset.action = id;
      buttons.set(id, button);
      section.querySelector(".keys").append(button);
    }
  }
  return {
    show(changes) {
      if (!changes.session && !changes.all) return;
      for (const [id, button] of buttons) button.hidden = !registry.possible(registry.get(id));
    },
  };
}
