// The announcements that stand on the overlays, and what to announce: the plan's texts, or one's own.

import { doesOnClick } from "../actions/act.js";
import { clockText } from "../actions/form.js";
import { element, keepChildren, write } from "../dom.js";

/** Keeps `section` true to them. */
export function announcementsNow(section, desk) {
  const { words: say, room, may, clock } = desk;
  const list = section.querySelector("ul");

  if (may) {
    const form = section.querySelector("form");
    const [text, level, seconds] = ["text", "level", "seconds"].map((name) => form.elements[name]);
    const planned = section.querySelector("datalist");
    const fillIn = () => planned.replaceChildren(...desk.templates().map(({ name, text: written }) => new Option(name ?? "", written)));
    text.addEventListener("focus", async () => {
      await desk.renewTemplates();
      fillIn();
    });
    text.addEventListener("input", () => {
      const template = desk.templates().find(({ text: written }) => written === text.value);
      if (!template) return;
      level.value = template.level ?? "info";
      if (template.seconds && [...seconds.options].some(({ value }) => Number(value) === template.seconds)) seconds.value = template.seconds;
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!text.value.trim()) return;
      const values = { text: text.value.trim(), level: level.value, seconds: Number(seconds.value) || undefined };
      const { ok } = await desk.act("announce.show", values);
      if (ok) text.value = "";
    });
  }

  function made({ id }) {
    const line = element("li", "announcement");
    line.append(element("span", "text"), element("small", "left number"));
    if (may) {
      const clear = doesOnClick(element("button", "clear", say.take_down), desk, "announce.clear", () => ({ announcement: id }));
      line.append(clear);
    }
    return line;
  }

  function update(line, { text, level, ends_at: ends }) {
    line.dataset.level = level;
    write(line.querySelector(".text"), text);
    write(line.querySelector(".left"), ends ? clockText(clock.left(ends)) : "");
  }

  const show = () => keepChildren(list, room.announcements, { key: ({ id }) => id, make: made, update });
  return {
    show: (changes) => (changes.announcements || changes.all) && show(),
    tick: () => room.announcements.length && show(),
  };
}
