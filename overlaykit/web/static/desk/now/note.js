// What the operator tells the presenter.

import { write } from "../dom.js";

/** Keeps `section` true to it. What is being written stays as it is. */
export function noteNow(section, desk) {
  const { words: say, room, may, clock } = desk;
  const [text, by] = [section.querySelector(".text"), section.querySelector(".by")];
  const form = section.querySelector("form");

  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { ok } = await desk.act("note.set", { text: form.elements.text.value.trim() });
    if (ok) form.elements.text.value = "";
  });
  form?.querySelector(".clear").addEventListener("click", () => desk.act("note.set", { text: "" }));

  return {
    show(changes) {
      if (!changes.direction && !changes.all) return;
      const note = room.direction.note;
      section.hidden = note === undefined;
      write(text, note?.text ?? say.note_none);
      text.dataset.empty = !note;
      write(by, note ? `${note.by.replace(/^desk:/, "")} · ${clock.time(note.at)}` : "");
      if (form && may) form.querySelector(".clear").hidden = !note;
    },
  };
}
