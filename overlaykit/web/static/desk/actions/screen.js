// What the overlays and the presenter's page show beside the items: countdowns, announcements, the note.

import { itemsToChoose } from "./about.js";

const MINUTE = 60;
const LEVELS = ["info", "warning", "urgent"];

export function screenActions({ words: say, room, clock, templates }) {
  const countdownField = () => ({
    name: "name", type: "choice", label: say.field_countdown, required: true,
    options: Object.keys(room.countdowns).map((value) => ({ value, label: value })),
  });
  const running = () => Object.keys(room.countdowns).length > 0;
  const itemField = () => ({ name: "sku", type: "sku", label: say.field_for_item, options: itemsToChoose(room) });
  const instant = (time) => (time === null || time === undefined ? null : Date.parse(time));

  const countdownUndo = {
    before: ({ name }) => room.countdowns[name] ?? null,
    compared: (countdown) => String(instant(countdown?.ends_at)),
    after: (command, outcome) => (command.ends_at === null ? null : { ends_at: outcome.ends_at ?? command.ends_at }),
    back({ name }, was) {
      if (was && clock.left(was.ends_at) === 0) return null;
      return { type: "countdown.set", name, ...(was?.sku ? { sku: was.sku } : {}), ends_at: was?.ends_at ?? null };
    },
  };

  return [
    {
      id: "countdown.start", group: "screen", done: ({ name }) => name, undo: countdownUndo,
      fields: () => [
        { name: "seconds", type: "duration", label: say.field_duration, required: true, value: 5 * MINUTE, presets: [1, 3, 5, 10].map((n) => n * MINUTE) },
        { name: "name", type: "text", label: say.field_countdown, required: true, max: 64, value: say.countdown_name },
        itemField(),
      ],
      given: ({ seconds }) => seconds !== undefined,
      command: ({ name = say.countdown_name, seconds, sku }) => ({ type: "countdown.set", name, seconds, ...(sku ? { sku } : {}) }),
    },
    {
      id: "countdown.extend", group: "screen", done: ({ name }) => name, undo: countdownUndo,
      available: running,
      fields: () => [countdownField(), { name: "seconds", type: "duration", label: say.field_extend, required: true, value: 30, presets: [30, MINUTE, 3 * MINUTE] }],
      given: ({ seconds }) => seconds !== undefined,
      command({ name, seconds }) {
        const now = room.countdowns[name];
        if (!now) return null;
        const ends = new Date(Date.parse(now.ends_at) + 1000 * seconds).toISOString();
        return { type: "countdown.set", name, ...(now.sku ? { sku: now.sku } : {}), ends_at: ends };
      },
      nothing: say.nothing_runs,
    },
    {
      id: "countdown.stop", group: "screen", done: ({ name }) => name, undo: countdownUndo,
      available: running,
      fields: () => [countdownField()],
      command: ({ name }) => ({ type: "countdown.set", name, ends_at: null }),
    },
    {
      id: "announce.show", group: "screen", done: ({ text }) => text, hotkey: "a",
      fields: () => [
        { name: "text", type: "text", label: say.field_text, required: true, max: 500, suggestions: templates().map(({ text }) => text).filter(Boolean) },
        { name: "level", type: "choice", label: say.field_level, value: "info", options: LEVELS.map((value) => ({ value, label: say[`level_${value}`] })) },
        { name: "seconds", type: "duration", label: say.field_for, value: 10, presets: [5, 10, 30, MINUTE], empty: say.until_cleared },
        itemField(),
      ],
      given: ({ text }) => text !== undefined,
      command: ({ text, level = "info", seconds, sku }) => ({ type: "announce.show", text, level, ...(seconds ? { seconds } : {}), ...(sku ? { sku } : {}) }),
      undo: {
        before: () => null,
        after: () => undefined,
        back: (command, _, outcome) => ({ type: "announce.clear", announcement: outcome.id }),
      },
    },
    {
      id: "announce.clear", group: "screen", done: ({ announcement }) => room.announcements.find(({ id }) => id === announcement)?.text ?? say.announcements_all,
      available: () => room.announcements.length > 0,
      fields: () => [{
        name: "announcement", type: "choice", label: say.announcement, value: "",
        options: [{ value: "", label: say.announcements_all }, ...room.announcements.map(({ id, text }) => ({ value: id, label: text }))],
      }],
      given: ({ announcement }) => announcement !== undefined,
      command: ({ announcement }) => ({ type: "announce.clear", ...(announcement ? { announcement } : {}) }),
      undo: {
        before: ({ announcement }) => room.announcements.filter(({ id }) => !announcement || id === announcement),
        after: () => undefined,
        // One that ends by itself comes back for what was left of it.
        back: (_, was) => was.filter((each) => !each.ends_at || clock.left(each.ends_at)).map(({ text, level, sku, ends_at: ends }) => ({
          type: "announce.show", text, level, ...(sku ? { sku } : {}), ...(ends ? { seconds: clock.left(ends) } : {}),
        })),
      },
    },
    {
      id: "note.set", group: "screen", done: ({ text }) => text ?? say.note_none,
      available: () => room.direction?.note !== undefined,
      fields: () => [{ name: "text", type: "text", label: say.field_note, max: 500, value: room.direction.note?.text ?? "" }],
      given: ({ text }) => text !== undefined,
      command: ({ text }) => ({ type: "note.set", text: text || null }),
      undo: {
        before: () => room.direction.note?.text ?? null,
        after: ({ text }) => text,
        back: (_, was) => ({ type: "note.set", text: was }),
      },
    },
  ];
}
