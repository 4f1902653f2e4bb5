// The announcements that stand on the overlays, and what to announce: the plan's texts, or one's own.

import { doesOnClick, doesWith } from "../actions/act.js";
import { clockText } from "../clock.js";
import { element, fill, focusStays, keepChildren, replaceChanged, write } from "../dom.js";

/** Keeps `section` true to them. */
export function announcementsNow(section, desk) {
  const { words: say, room, may, clock } = desk;
  const list = section.querySelector("ul");

  if (may) {
    const form = section.querySelector("form");
    const [template, text, level, seconds] = ["template", "text", "level", "seconds"].map((name) => form.elements[name]);
    const fillIn = () => {
      const options = desk.templates().map(({ name, title, problem }) => {
        const option = new Option(problem === null ? title : `${title}${say.colon}${problem}`, name);
        option.disabled = problem !== null;
        return option;
      });
      template.hidden = options.length === 0;
      replaceChanged(template, [new Option(say.template, ""), ...options]); // it may be open
    };
    desk.onTemplates(fillIn);
    for (const event of ["focus", "pointerdown"]) template.addEventListener(event, desk.renewTemplates);
    template.addEventListener("change", () => {
      const chosen = desk.templates().find(({ name }) => name === template.value);
      if (!chosen) return;
      text.value = chosen.text;
      level.value = chosen.level;
      const lasts = String(chosen.seconds ?? 0);
      if (![...seconds.options].some(({ value }) => value === lasts)) seconds.append(new Option(fill(say.seconds_long, { n: lasts }), lasts));
      seconds.value = lasts;
      template.value = "";
      text.focus();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      text.value = text.value.trim();
      if (!form.reportValidity()) return;
      const values = { text: text.value, level: level.value, seconds: Number(seconds.value) || undefined };
      doesWith(text, desk, "announce.show", values);
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

  function show() {
    const lines = { key: ({ id }) => id, make: made, update };
    focusStays(list, "li", section.querySelector("h2"), () => keepChildren(list, room.announcements, lines));
  }

  return {
    show: (changes) => (changes.announcements || changes.all) && show(),
    tick: () => room.announcements.length && show(),
  };
}
