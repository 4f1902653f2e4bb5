// Alerts: the urgent first, several of a kind together, those that somebody looks after folded away. They ring and mark the tab.

import { element, fill, keepChildren, write } from "../dom.js";
import { alertCards } from "./alerts/card.js";
import { tabMark } from "./alerts/mark.js";
import { byUrgency, highest, ringer } from "./alerts/ringing.js";
import { alertSound } from "./alerts/sound.js";
import { alertSteps } from "./alerts/steps.js";
import { alertWording, groupOf } from "./alerts/wording.js";

const TOGETHER = 3; // as many of a kind are one line that opens

/** Keeps `section` true to the alerts, and rings for tasks, too. */
export function alertsNow(section, desk) {
  const { words: say, room, clock, may, send } = desk;
  const wording = alertWording(desk);
  const cards = alertCards(desk, wording, alertSteps(desk));
  const [sound, mark, fresh] = [alertSound(section, say), tabMark(say), ringer()];
  const [list, handled] = [section.querySelector(".open"), section.querySelector(".handled")];
  const [urgent, polite] = [section.querySelector(':scope > [role="alert"]'), section.querySelector(".polite")];
  let drawn = "";

  const rests = (alert) => alert.acknowledged_by !== null || (alert.snoozed_until !== null && clock.left(alert.snoozed_until) > 0);
  const openOnes = () => room.direction.alerts.filter((alert) => !rests(alert)).sort(byUrgency);
  const keepCards = (parent, alerts) => keepChildren(parent, alerts, { key: ({ alert }) => alert, ...cards });

  function makeGroup() {
    const group = element("li", "alert-group");
    const head = element("div", "group-head");
    const opens = element("button", "opens");
    opens.type = "button";
    opens.append(element("span", "tier"), element("b", "text"));
    opens.addEventListener("click", () => {
      group.dataset.open = group.dataset.open !== "true";
      updateGroup(group, group.alerts);
    });
    head.append(opens);
    const alarm = element("p", "alarm");
    alarm.setAttribute("role", "alert");
    if (may) head.append(ackAll(group, alarm));
    group.append(head, alarm, element("ul", "cards"));
    return group;
  }

  function ackAll(group, alarm) {
    const button = element("button", "ack");
    button.type = "button";
    button.addEventListener("click", async () => {
      button.disabled = true;
      const answers = await Promise.all(group.alerts.map(({ alert }) => send({ type: "alert.acknowledge", alert })));
      button.disabled = false;
      write(alarm, answers.find(({ ok }) => !ok)?.text ?? "");
    });
    return button;
  }

  function updateGroup(group, alerts) {
    group.alerts = alerts;
    const together = alerts.length >= TOGETHER;
    const open = !together || group.dataset.open === "true" || group.querySelector(".cards").contains(document.activeElement);
    if (together) group.dataset.open = open;
    group.dataset.level = highest(alerts);
    group.dataset.together = together;
    group.querySelector(".group-head").hidden = !together;
    const [opens, ack] = [group.querySelector(".opens"), group.querySelector(".group-head .ack")];
    opens.setAttribute("aria-expanded", String(open));
    write(opens.querySelector(".tier"), say[`level_${group.dataset.level}`]);
    write(opens.querySelector(".text"), wording.title(alerts));
    if (ack) write(ack, fill(say.alert_ack_all, { n: alerts.length }));
    const place = group.querySelector(".cards");
    place.hidden = !open;
    keepCards(place, open ? alerts : []);
  }

  function show() {
    const open = openOnes();
    const groups = new Map();
    for (const alert of open) groups.set(groupOf(alert), [...(groups.get(groupOf(alert)) ?? []), alert]);
    keepChildren(list, [...groups], { key: ([name]) => name, make: makeGroup, update: (group, [, alerts]) => updateGroup(group, alerts) });
    write(section.querySelector(".summary"), open.length ? fill(say.alerts_open, { n: open.length }) : say.alerts_none);
    section.dataset.level = highest(open) ?? "";
    mark(open.length, highest(open));
    const done = room.direction.alerts.filter(rests).sort(byUrgency);
    handled.hidden = done.length === 0;
    const seen = done.filter(({ acknowledged_by: by }) => by !== null).length;
    write(handled.querySelector("summary"), fill(say.alerts_handled, { seen, quiet: done.length - seen }));
    keepCards(handled.querySelector("ul"), handled.open ? done : []);
    const [left, gone] = [section.querySelector(".left-out"), room.direction.alerts_left_out];
    left.hidden = !gone;
    write(left, fill(say.alerts_left, { n: gone }));
    drawn = open.map(({ alert }) => alert).join("\n");
    listen(open);
  }

  /** What is new is heard, said to a screen reader, and lights up once. */
  function listen(open) {
    const alerts = open.map((alert) => ({ id: alert.alert, level: alert.level, last_at: alert.last_at, alert }));
    const tasks = room.direction.tasks.map((task) => ({ id: `task ${task.task}`, level: task.level, last_at: task.opened_at }));
    const ringing = fresh([...alerts, ...tasks], Date.now());
    if (!ringing.length) return;
    sound.ring(highest(ringing));
    const said = (level) => ringing.filter((each) => each.level === level && each.alert).map(({ alert }) => wording.text(alert)).join("\n");
    write(urgent, said("urgent"));
    write(polite, said("warning"));
    section.dataset.flash = highest(ringing);
  }

  section.addEventListener("animationend", ({ target }) => target === section && delete section.dataset.flash);
  handled.addEventListener("toggle", show);
  desk.firstAlert = () => openOnes()[0] ?? null;

  return {
    show(changes) {
      if (!room.direction) return;
      if (changes.all || changes.direction || changes.session || changes.onAir) show();
    },
    tick() {
      sound.tick();
      if (!room.direction) return;
      const open = openOnes();
      if (open.map(({ alert }) => alert).join("\n") !== drawn) show(); // somebody's quiet while is over
      else listen(open);
      for (const card of section.querySelectorAll(".alert")) cards.update(card, card.alert); // times pass, items change
    },
  };
}
