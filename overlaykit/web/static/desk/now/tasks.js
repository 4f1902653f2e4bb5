// What a person has to do: texts to copy, actions that wait for a yes, and what went wrong and nobody has noted yet.

import { element, fill, focusStays, keepChildren, write } from "../dom.js";
import { inLanguage } from "../language.js";
import { copiesOnClick, onPress } from "../press.js";
import { taskWording } from "./task_wording.js";

/** Keeps `section` true to the open tasks. */
export function tasksNow(section, desk) {
  const { words: say, may, send, clock, room, lang } = desk;
  const wording = taskWording(desk);
  const list = section.querySelector("ul");
  const summary = section.querySelector(".summary");

  function pressed(className, label, alarm, command) {
    const button = element("button", className, label);
    button.type = "button";
    button.hidden = !may;
    onPress(button, alarm, () => send(command));
    return button;
  }

  function made(task) {
    const card = element("li", "task");
    const alarm = element("p", "alarm");
    alarm.setAttribute("role", "alert");
    const keys = element("div", "keys");
    if (task.copy) keys.append(copiesOnClick(element("button", "copy", say.copy), say, () => card.querySelector(".text").textContent));
    const done = { type: "task.done", task: task.task };
    const label = task.trouble ? say.task_noted : say.task_done;
    if (task.confirm) {
      keys.append(pressed("yes", say.task_confirm, alarm, done));
      keys.append(pressed("no", say.task_decline, alarm, { ...done, declined: true }));
    } else {
      keys.append(pressed("yes", label, alarm, done));
    }
    card.append(element("p", "kind", wording.kind(task)), element("p", "text"), element("small", "why"), keys, alarm);
    return card;
  }

  function update(card, task) {
    card.dataset.level = task.level;
    card.dataset.copy = task.copy;
    card.dataset.trouble = task.trouble ?? "";
    write(card.querySelector(".text"), wording.text(task));
    write(card.querySelector(".why"), [wording.by(task), inLanguage(task.why, lang), clock.time(task.opened_at)].filter(Boolean).join(" · "));
  }

  function show(tasks) {
    const key = (task) => `${task.task} ${task.copy} ${task.confirm} ${task.trouble}`;
    focusStays(list, ".task", section.querySelector("h2"), () => keepChildren(list, tasks, { key, make: made, update }));
    write(summary, tasks.length ? fill(say.tasks_open, { n: tasks.length }) : say.tasks_none);
    section.dataset.open = tasks.length;
  }

  return {
    show: (changes) => changes.direction && show(room.direction.tasks),
  };
}
