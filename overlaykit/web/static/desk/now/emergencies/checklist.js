// The checklist of an emergency plan that ran: what came of each action, and what people tick off. What is ticked is kept by this browser.

import { element, fill, inLanguage, keepChildren, write } from "../../dom.js";
import { person } from "../alerts/wording.js";
import { said } from "./lists.js";

const OLD = 12 * 3600_000; // milliseconds after which a run is history

/** Which boxes of which run are ticked, and which runs are put away; by the entry of the run. */
function keptOf(session) {
  const key = `overlaykit.checklist.${session}`;
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(key) ?? "{}");
  } catch {
    // a browser that keeps nothing
  }
  return {
    of: (seq) => (kept[seq] ??= { ticked: [], away: false }),
    keep() {
      try {
        localStorage.setItem(key, JSON.stringify(kept));
      } catch {
        // for as long as the page is open
      }
    },
  };
}

/** `show(runs)` draws them into `section`. */
export function checklists(section, { plan, words: say, lang, clock, session }) {
  const list = section.querySelector("ul");
  const kept = keptOf(session);
  const planOf = (name) => plan.emergencies.find((each) => each.name === name);
  let shown = [];

  function make(run) {
    const { title, consequences, checklist } = planOf(run.name);
    const card = element("li", "run");
    const head = element("div", "head");
    const close = element("button", "close", say.emergency_close);
    close.type = "button";
    close.addEventListener("click", () => {
      kept.of(run.seq).away = true;
      kept.keep();
      show(shown);
    });
    head.append(element("h3", "", title), element("span", "left"), close);
    const acts = element("ul", "acts");
    acts.setAttribute("aria-label", say.emergency_acts);
    for (const each of consequences) {
      const line = element("li");
      line.append(element("span", "what", said(each, lang)), element("em", "came"), element("small", "detail"));
      acts.append(line);
    }
    const boxes = element("ul", "boxes");
    boxes.setAttribute("aria-label", say.emergency_checklist);
    checklist.forEach((text, index) => boxes.append(box(run, text, index)));
    card.append(head, element("small", "why"), acts, boxes);
    return card;
  }

  function box(run, text, index) {
    const line = element("li");
    const label = element("label");
    const input = element("input");
    input.type = "checkbox";
    input.checked = kept.of(run.seq).ticked.includes(index);
    input.addEventListener("change", () => {
      const state = kept.of(run.seq);
      state.ticked = input.checked ? [...state.ticked, index] : state.ticked.filter((each) => each !== index);
      kept.keep();
      show(shown);
    });
    label.append(input, element("span", "", text));
    line.append(label);
    return line;
  }

  /** An action may be several people's: what went worst says how it came out. */
  const WORST = ["failed", "uncertain", "task", "skipped", "done"];
  function came(acts) {
    if (!acts?.length) return { status: "waits", detail: "" };
    const status = WORST.find((each) => acts.some((act) => act.status === each));
    return { status, detail: acts.filter((act) => act.status === status && status !== "done").map(({ detail }) => inLanguage(detail, lang)).join("\n") };
  }

  function update(card, run) {
    const { ticked } = kept.of(run.seq);
    const left = planOf(run.name).checklist.length - ticked.length;
    card.dataset.left = left;
    write(card.querySelector(".left"), left ? fill(say.emergency_left, { n: left }) : say.emergency_all);
    write(card.querySelector(".why"), fill(say.emergency_ran, { time: clock.time(run.at), who: person(run.by) }));
    [...card.querySelectorAll(".acts > li")].forEach((line, index) => {
      const { status, detail } = came(run.acts.get(index));
      line.dataset.status = status;
      write(line.querySelector(".came"), say[`act_${status}`]);
      write(line.querySelector(".detail"), detail);
    });
  }

  function show(runs) {
    shown = runs;
    const wanted = runs.filter((run) => planOf(run.name) && !kept.of(run.seq).away && clock.now() - Date.parse(run.at) < OLD);
    section.hidden = wanted.length === 0;
    keepChildren(list, wanted, { key: ({ seq }) => seq, make, update });
  }

  return { show };
}
