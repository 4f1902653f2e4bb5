// The plan's buttons and emergency plans; and the checklists of those that ran.

import { doesOnClick } from "../actions/act.js";
import { element } from "../dom.js";
import { onPress } from "../press.js";
import { checklists } from "./emergencies/checklist.js";
import { emergencyRuns } from "./emergencies/runs.js";

/** Puts them into `section`, once: a plan's names stay for the evening. What ran stands in `runsSection`. */
export function emergenciesNow(section, runsSection, desk) {
  const { plan, may, send } = desk;
  const alarm = section.querySelector(".alarm");
  const lists = checklists(runsSection, desk);
  const actions = Object.fromEntries(plan.emergencies.map(({ name, consequences }) => [name, consequences.length]));
  const runs = emergencyRuns(desk, ({ name, acts }) => acts.size >= (actions[name] ?? 0), () => lists.show(runs.all()));

  const place = (parent, name, label) => {
    const button = element("button", "control", label);
    button.type = "button";
    button.disabled = !may;
    button.dataset.name = name;
    parent.append(button);
    return button;
  };
  for (const name of plan.buttons) {
    onPress(place(section.querySelector(".buttons"), name, name), alarm, () => send({ type: "button.press", name }));
  }
  for (const { name, title } of plan.emergencies) {
    doesOnClick(place(section.querySelector(".plans"), name, title), desk, "emergency.run", () => ({ name }));
  }
  desk.history.listen(runs.look);

  return {
    show(changes) {
      // A run changes nothing by itself; what it does nearly always changes one of these.
      if (changes.all || changes.direction || changes.session || changes.announcements) runs.look();
    },
  };
}
