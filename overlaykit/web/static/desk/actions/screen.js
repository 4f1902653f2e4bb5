// What the overlays and the presenter's page show beside the items: countdowns, announcements, the note.

import { clockText } from "../clock.js";
import { dropOf } from "../drops.js";

const MINUTE = 60;
const LEVELS = ["info", "warning", "urgent"];

export function screenActions({ words: say, plan, room, clock, templates }) {
  const own = () => Object.keys(room.countdowns).filter((name) => !dropOf(plan, name));
  const countdownField = () => ({
    name: "name", type: "choice", label: say.field_countdown, required: true,
    options: own().map((value) => ({ value, label: value })),
  });
  const over = () => own().filter((name) => clock.left(room.countdowns[name].ends_at) === 0);
  const running = () => own().length > 0;
  const itemField = () => ({ name: "sku", type: "sku", label: say.field_for_item });
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
      id: "countdown.start", group: "screen", done: ({ name, seconds }) => `${name} ${clockText(seconds)}`, undo: countdownUndo,
      fields: () => [
        { name: "seconds", type: "duration", label: say.field_duration, required: true, value: 5 * MINUTE, presets: [1, 3, 5, 10].map((n) => n * MINUTE) },
        { name: "name", type: "text", label: say.field_countdown, required: true, max: 64, value: say.countdown_name },
        itemField(),
      ],
      given: ({ seconds }) => seconds !== undefined,
      command: ({ name = say.countdown_name, seconds, sku }) => ({ type: "countdown.set", name, seconds, ...(sku ? { sku } : {}) }),
    },
    {
      id: "countdown.extend", group: "screen", done: ({ name, extend }) => `${name} +${clockText(extend)}`,
      undo: {
        before: ({ name }) => clock.left(room.countdowns[name]?.ends_at ?? null) > 0,
        after: (_, { ends_at: until }) => until,
        now: ({ name }) => room.countdowns[name]?.ends_at ?? null,
        // What others gave stays given. One that ends sooner was begun anew, or cut short, and is not this one's to shorten.
        same: (now, wanted) => now === null || instant(now) >= instant(wanted),
        back: ({ name, extend }, ran) => (ran ? { type: "countdown.set", name, extend: -extend } : null),
      },
      available: running,
      fields: () => [countdownField(), { name: "seconds", type: "duration", label: say.field_extend, required: true, value: 30, presets: [30, MINUTE, 3 * MINUTE] }],
      given: ({ seconds }) => seconds !== undefined,
      command: ({ name, seconds }) => ({ type: "countdown.set", name, extend: seconds }),
    },
    {
      id: "countdown.stop", group: "screen", done: ({ name }) => name, undo: countdownUndo,
      available: running,
      fields: () => [countdownField()],
      command: ({ name }) => ({ type: "countdown.set", name, ends_at: null }),
    },
    {
      id: "countdown.clear", group: "screen", done: ({ name }) => name,
      available: () => over().length > 0,
      fields: () => [],
      command: () => over().map((name) => ({ type: "countdown.set", name, ends_at: null })),
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
