// The plan's buttons and emergency plans.

import { element } from "../dom.js";
import { onPress, onPressTwice } from "../press.js";

/** Puts them into `section`, once: a plan's names stay for the evening. */
export function emergenciesNow(section, { plan, words: say, may, send }) {
  const alarm = section.querySelector(".alarm");
  const place = (parent, each, label, listen) => {
    const button = element("button", "control", label);
    button.type = "button";
    button.disabled = !may;
    button.dataset.name = each;
    if (may) listen(button);
    parent.append(button);
  };
  const [buttons, emergencies] = [section.querySelector(".buttons"), section.querySelector(".plans")];
  for (const name of plan.buttons) {
    place(buttons, name, name, (button) => onPress(button, alarm, () => send({ type: "button.press", name })));
  }
  for (const { name, title } of plan.emergencies) {
    const run = () => send({ type: "emergency.run", name });
    place(emergencies, name, title, (button) => onPressTwice(button, alarm, say.press_again, run));
  }
  return { show() {} };
}
