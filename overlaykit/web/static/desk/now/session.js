// What concerns the session as a whole. Where an emergency plan freezes the numbers, and says what people do then, that is its button.

import { doesOnClick } from "../actions/act.js";
import { element, fill, write } from "../dom.js";

const ACTIONS = ["session.open", "session.freeze", "session.thaw", "plan.reload", "session.close"];

/** Puts them into `section`; those that can be done now are shown. */
export function sessionNow(section, desk) {
  const { registry, plan } = desk;
  const planned = plan.emergencies.some(({ name, freezes }) => name === "freeze" && freezes);
  const buttons = new Map();
  if (desk.may) {
    for (const id of ACTIONS.filter((each) => each !== "session.freeze" || !planned)) {
      const button = doesOnClick(element("button", id === "session.close" ? "danger" : "", registry.title(id)), desk, id);
      button.dataset.action = id;
      buttons.set(id, button);
      section.querySelector(".keys").append(button);
    }
  }
  const over = section.querySelector(".over");
  write(over, fill(desk.words.session_over, { session: desk.session }));
  return {
    show(changes) {
      if (!changes.session && !changes.all) return;
      over.hidden = desk.room.session.status !== "closed";
      section.dataset.over = !over.hidden;
      section.hidden = !desk.may && over.hidden;
      for (const [id, button] of buttons) button.hidden = !registry.possible(registry.get(id));
    },
  };
}
