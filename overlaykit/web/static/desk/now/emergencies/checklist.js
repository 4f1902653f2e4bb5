// The checklist of an emergency plan that ran: what came of each action, and what people tick off. What is ticked is kept by this browser.

import { doesOnClick } from "../../actions/act.js";
import { element, fill, keepChildren, write } from "../../dom.js";
import { person } from "../../person.js";
import { inLanguage, said } from "../../language.js";

const OLD = 12 * 3600_000; // milliseconds after which a run is history
const PATIENCE = 10_000; // milliseconds after which an action that nobody has heard of is told as such
const FREEZE = "session.freeze";
const THAW = "session.thaw";
const UNDONE = new Set(["failed", "skipped", "unheard", "away"]);

/** By what a person does it instead: the beginning of an action's name → its word. */
const INSTEAD = { "obs.": "obs", stock: "stock", next_item: "stock", announce: "announce", chat: "outside", coupon: "outside", notify: "team", task: "team", alert: "team" };

/** Which boxes of which run are ticked, and which runs are put away; by the entry of the run. `changed()`: another tab has done so. */
function keptOf(session, changed) {
  const key = `overlaykit.checklist.${session}`;
  let kept = {};
  function read() {
    try {
      kept = JSON.parse(localStorage.getItem(key) ?? "{}");
    } catch {
      // a browser that keeps nothing
    }
  }
  read();
  addEventListener("storage", (event) => {
    if (event.key !== key) return;
    read();
    changed();
  });
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

/** `show(runs, directed)` draws them into `section`; `directed`: whether there is a process that runs plans. */
export function checklists(section, desk) {
  const { plan, words: say, lang, clock, session, room } = desk;
  const list = section.querySelector("ul");
  const kept = keptOf(session, () => show(shown, mayRun));
  const planOf = (name) => plan.emergencies.find((each) => each.name === name);
  let shown = [];
  let mayRun = true;

  function make(run) {
    const { title, actions, consequences, checklist } = planOf(run.name);
    const card = element("li", "run");
    const head = element("div", "head");
    const close = element("button", "close", say.emergency_close);
    close.type = "button";
    close.addEventListener("click", () => {
      kept.of(run.seq).away = true;
      kept.keep();
      show(shown, mayRun);
    });
    head.append(element("h3", "", said(title, lang)), element("span", "left"), close);
    const acts = element("ul", "acts");
    acts.setAttribute("aria-label", say.emergency_acts);
    consequences.forEach((each, index) => {
      const line = element("li");
      line.append(element("span", "what", said(each, lang)), element("em", "came"), element("small", "detail"), element("b", "instead"));
      if (actions[index].command === FREEZE) line.append(byHand(FREEZE), byHand(THAW));
      acts.append(line);
    });
    const boxes = element("ul", "boxes");
    boxes.setAttribute("aria-label", say.emergency_checklist);
    checklist.forEach((text, index) => boxes.append(box(run, said(text, lang), index)));
    const trouble = element("p", "trouble", say.emergency_undirected);
    trouble.setAttribute("role", "alert");
    trouble.hidden = true;
    card.append(head, element("small", "why"), trouble, acts, boxes);
    return card;
  }

  const may = (action) => desk.registry.possible(desk.registry.get(action));

  /** What needs nobody but the engine. */
  function byHand(action) {
    const button = doesOnClick(element("button", "by-hand", desk.registry.title(action)), desk, action);
    button.hidden = true;
    return button;
  }

  function box(run, text, index) {
    const line = element("li");
    const label = element("label");
    const input = element("input");
    input.type = "checkbox";
    input.addEventListener("change", () => {
      const state = kept.of(run.seq);
      state.ticked = input.checked ? [...state.ticked, index] : state.ticked.filter((each) => each !== index);
      kept.keep();
      show(shown, mayRun);
    });
    label.append(input, element("span", "", text));
    line.append(label);
    return line;
  }

  /** An action may be several people's: what went worst says how it came out. */
  const WORST = ["failed", "uncertain", "task", "skipped", "done"];
  function howItCame(run, index) {
    const acts = run.acts.get(index) ?? [];
    if (!acts.length) return awaited(run, planOf(run.name).actions[index]);
    const status = WORST.find((each) => acts.some((act) => act.status === each));
    return { status, detail: acts.filter((act) => act.status === status && status !== "done").map(({ detail }) => inLanguage(detail, lang)).join("\n") };
  }

  function awaited(run, { obs }) {
    if (!mayRun) return { status: "unheard", detail: "" };
    if (obs !== null && room.direction?.obs[obs]?.connected === false) return { status: "away", detail: fill(say.emergency_obs_away, { obs }) };
    return { status: clock.now() - Date.parse(run.at) > PATIENCE ? "unheard" : "waits", detail: "" };
  }

  function instead(status, { action }) {
    if (!UNDONE.has(status)) return "";
    const family = Object.keys(INSTEAD).find((each) => action.startsWith(each));
    return say[`instead_${INSTEAD[family] ?? "other"}`];
  }

  function update(card, run) {
    const { ticked } = kept.of(run.seq);
    const { actions, checklist } = planOf(run.name);
    const left = checklist.length - ticked.length;
    card.dataset.left = left;
    card.querySelectorAll(".boxes input").forEach((input, index) => {
      input.checked = ticked.includes(index);
    });
    write(card.querySelector(".left"), left ? fill(say.emergency_left, { n: left }) : say.emergency_all);
    write(card.querySelector(".why"), fill(say.emergency_ran, { time: clock.time(run.at), who: person(run.by) }));
    card.querySelector(".trouble").hidden = mayRun || run.acts.size >= actions.length;
    const came = actions.map((_, index) => howItCame(run, index));
    card.dataset.past = !checklist.length && came.every(({ status }) => status === "done") && !actions.some(({ command }) => command === FREEZE && may(THAW));
    [...card.querySelectorAll(".acts > li")].forEach((line, index) => {
      const { status, detail } = came[index];
      line.dataset.status = status;
      write(line.querySelector(".came"), say[`act_${status}`]);
      write(line.querySelector(".detail"), detail);
      const [freeze, thaw] = line.querySelectorAll(".by-hand");
      if (freeze) [freeze.hidden, thaw.hidden] = [!UNDONE.has(status) || !may(FREEZE), !may(THAW)];
      write(line.querySelector(".instead"), freeze && !freeze.hidden ? "" : instead(status, actions[index]));
    });
  }

  function show(runs, directed) {
    [shown, mayRun] = [runs, directed];
    const wanted = runs.filter((run) => planOf(run.name) && !kept.of(run.seq).away && clock.now() - Date.parse(run.at) < OLD);
    section.hidden = wanted.length === 0;
    keepChildren(list, wanted, { key: ({ seq }) => seq, make, update });
  }

  return { show };
}
