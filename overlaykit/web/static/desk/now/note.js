// What the operator tells the presenter.

import { doesWith } from "../actions/act.js";
import { write } from "../dom.js";
import { person } from "../person.js";

/** Keeps `section` true to it. What is being written stays as it is. */
export function noteNow(section, desk) {
  const { words: say, room, may, clock } = desk;
  const [text, by] = [section.querySelector(".text"), section.querySelector(".by")];
  const form = section.querySelector("form");

  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const { text: input } = form.elements;
    input.value = input.value.trim();
    if (!form.reportValidity()) return;
    doesWith(input, desk, "note.set", { text: input.value });
  });
  form?.querySelector(".clear").addEventListener("click", () => desk.act("note.set", { text: "" }));

  return {
    show(changes) {
      if (!changes.direction && !changes.all) return;
      const note = room.direction.note;
      section.hidden = note === undefined;
      write(text, note?.text ?? say.note_none);
      text.dataset.empty = !note;
      write(by, note ? `${person(note.by)} · ${clock.time(note.at)}` : "");
      // Always there: one that came up beside Send would be under the second click of a double click on it.
      if (form && may) form.querySelector(".clear").disabled = !note;
    },
  };
}
