// The plan's buttons and emergency plans; and the checklists of those that ran.

import { doesOnClick } from "../actions/act.js";
import { element } from "../dom.js";
import { said } from "../language.js";
import { onPress } from "../press.js";
import { checklists } from "./emergencies/checklist.js";
import { emergencyRuns } from "./emergencies/runs.js";

function placed(parent, name, label, may) {
  const button = element("button", "control");
  button.append(element("span", "", label));
  button.type = "button";
  button.disabled = !may;
  button.dataset.name = name;
  parent.append(button);
  return button;
}

/** Puts the plan's buttons into `section`, once: its names stay for the evening. */
export function planButtonsNow(section, { plan, may, send }) {
  for (const name of plan.buttons) {
    onPress(placed(section.querySelector(".buttons"), name, name, may), section.querySelector(".alarm"), () => send({ type: "button.press", name }));
  }
  return { show() {} };
}

/** Puts the emergency plans into `section`, once. What ran stands in `runsSection`. */
export function emergenciesNow(section, runsSection, desk) {
  const { plan, may, lang } = desk;
  const lists = checklists(runsSection, desk);
  const actions = Object.fromEntries(plan.emergencies.map(({ name, consequences }) => [name, consequences.length]));
  const runs = emergencyRuns(desk, ({ name, acts }) => acts.size >= (actions[name] ?? 0), () => {
    lists.show(runs.all(), runs.directed());
    reveal();
  });
  let revealed = 0;

  /** Whoever ran a plan, perhaps from far below, sees its checklist. */
  function reveal() {
    const [run] = runs.all();
    const [done] = desk.history.entries();
    if (!run || done?.id !== "emergency.run" || done.at !== run.seq || revealed === run.seq) return;
    revealed = run.seq;
    runsSection.scrollIntoView({ block: "nearest" });
  }

  for (const { name, title: both } of plan.emergencies) {
    const title = said(both, lang);
    const button = doesOnClick(placed(section.querySelector(".plans"), name, title, may), desk, "emergency.run", () => ({ name }));
    button.title = title; // of a long one the button shows the beginning
  }
  desk.history.listen(runs.look);
  keepHeightKnown(section);

  return {
    show(changes) {
      // A run changes nothing by itself; what it does nearly always changes one of these.
      if (changes.all || changes.direction || changes.session || changes.announcements) runs.look();
    },
    tick: () => lists.show(runs.all(), runs.directed()), // an answer that is not there is missed some time
  };
}

/** What scrolls, and what is laid over the page, leaves the plans' place free. */
function keepHeightKnown(section) {
  if (!section.dataset.pinned) return;
  new ResizeObserver(() => document.documentElement.style.setProperty("--pinned", `${section.offsetHeight}px`)).observe(section);
}
