// Alerts: the urgent first, several of a kind together, those that somebody looks after folded away. They ring and mark the tab.

import { element, fill, focusStays, keepChildren, write } from "../dom.js";
import { alertCards } from "./alerts/card.js";
import { tabMark } from "./alerts/mark.js";
import { byUrgency, highest, ringer } from "./alerts/ringing.js";
import { alertSound } from "./alerts/sound.js";
import { alertSteps } from "./alerts/steps.js";
import { alertWording, groupOf } from "./alerts/wording.js";

const TOGETHER = 3; // as many of a kind are one line that opens
const FIRST = 3; // as many kinds are shown; the others wait behind a button
const AT_ONCE = 8; // answers that are waited for together when all of a kind are seen
const LINK_RINGS = 10_000; // milliseconds without the room after which that rings, too

/** Keeps `section` true to the alerts, and rings for tasks, too. */
export function alertsNow(section, desk) {
  const { words: say, room, clock, may, send } = desk;
  const wording = alertWording(desk);
  const cards = alertCards(desk, wording, alertSteps(desk));
  const [sound, mark, fresh] = [alertSound(section, desk), tabMark(say), ringer()];
  const [list, handled, others] = [section.querySelector(".open"), section.querySelector(".handled"), section.querySelector(".others")];
  const [urgent, polite] = [section.querySelector(':scope > [role="alert"]'), section.querySelector(".polite")];
  const elsewhere = document.getElementById("alerts-mark");
  let drawn = "";
  let whole = false;

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
      if (button.dataset.busy) return;
      button.dataset.busy = "yes";
      const waiting = group.alerts.map(({ alert }) => alert); // what comes meanwhile nobody has seen yet
      const refusals = await Promise.all(Array.from({ length: AT_ONCE }, () => acknowledge(waiting)));
      delete button.dataset.busy;
      write(alarm, refusals.find(Boolean) ?? "");
    });
    return button;
  }

  /** One after the other until none waits. Gives why one was refused, "" for nothing; the others are not tried then. */
  async function acknowledge(waiting) {
    while (waiting.length) {
      const { ok, text } = await send({ type: "alert.acknowledge", alert: waiting.shift() });
      if (!ok) return text;
    }
    return "";
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

  function groupsOf(open) {
    const groups = new Map();
    for (const alert of open) {
      if (!groups.has(groupOf(alert))) groups.set(groupOf(alert), []);
      groups.get(groupOf(alert)).push(alert);
    }
    return [...groups];
  }

  /** The first of the groups, and the one that somebody is busy with; how many alerts the others are is told. */
  function showGroups(groups) {
    const busy = [...list.children].find((group) => group.contains(document.activeElement))?.dataset.key;
    const shown = groups.filter(([name], place) => whole || place < FIRST || name === busy);
    const rest = groups.slice(FIRST).flatMap(([, alerts]) => alerts);
    keepChildren(list, shown, { key: ([name]) => name, make: makeGroup, update: (group, [, alerts]) => updateGroup(group, alerts) });
    others.hidden = rest.length === 0;
    others.dataset.level = highest(rest) ?? "";
    others.setAttribute("aria-expanded", String(whole));
    write(others, whole ? say.alerts_fewer : fill(say.alerts_others, { n: rest.length }));
  }

  function show() {
    const open = openOnes();
    focusStays(section, ".open .alert, .open .group-head", section.querySelector("h2"), () => showGroups(groupsOf(open)));
    write(section.querySelector(".summary"), open.length ? fill(say.alerts_open, { n: open.length }) : say.alerts_none);
    section.dataset.level = highest(open) ?? "";
    mark(open.length, highest(open));
    elsewhere.hidden = open.length === 0;
    elsewhere.dataset.level = section.dataset.level;
    write(elsewhere, fill(say.alerts_mark, { n: open.length }));
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

  const lost = () => room.staleSince !== null && Date.now() - room.staleSince > LINK_RINGS;

  /** What is new is heard, said to a screen reader, and lights up once. */
  function listen(open) {
    const alerts = open.map((alert) => ({ id: alert.alert, level: alert.level, last_at: alert.last_at, alert }));
    const tasks = room.direction.tasks.map((task) => ({ id: `task ${task.task}`, level: task.level, last_at: task.opened_at }));
    const link = lost() ? [{ id: "link", level: "warning", last_at: "" }] : [];
    const ringing = fresh([...alerts, ...tasks, ...link], Date.now());
    if (!ringing.length) return;
    sound.ring(highest(ringing));
    const said = (level) => ringing.filter((each) => each.level === level && each.alert).map(({ alert }) => wording.text(alert)).join("\n");
    write(urgent, said("urgent"));
    write(polite, said("warning"));
    section.dataset.flash = highest(ringing);
  }

  // Other things may stand above them, and on a phone they are further down.
  elsewhere.addEventListener("click", () => {
    const title = section.querySelector("h2");
    section.scrollIntoView({ block: "start" });
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  });
  section.addEventListener("animationend", ({ target }) => target === section && delete section.dataset.flash);
  handled.addEventListener("toggle", show);
  others.addEventListener("click", () => {
    whole = !whole;
    show();
  });
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
