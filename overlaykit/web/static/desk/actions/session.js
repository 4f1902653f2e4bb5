// The session as a whole: opened, frozen, ended; its plan read again.

import { fill } from "../dom.js";
import { unitsIn } from "./about.js";

export function sessionActions({ words: say, room }) {
  const is = (...states) => () => states.includes(room.session?.status);
  const about = () => room.session.title;
  const status = { before: () => room.session.status, after: ({ type }) => (type === "session.freeze" ? "frozen" : "live") };

  return [
    {
      id: "session.open", group: "session", done: about, available: is("planned"),
      fields: () => [],
      command: () => ({ type: "session.open" }),
      consequence: () => fill(say.ask_open, { items: room.order.length, units: [...room.items.values()].reduce((sum, { available }) => sum + available, 0) }),
    },
    {
      id: "session.freeze", group: "session", hotkey: "Shift+f", done: about, available: is("live"),
      fields: () => [],
      command: () => ({ type: "session.freeze" }),
      consequence: () => fill(say.ask_freeze, { items: room.order.length, held: unitsIn(room, "held") }),
      undo: { ...status, back: () => ({ type: "session.thaw" }) },
    },
    {
      id: "session.thaw", group: "session", hotkey: "Shift+f", done: about, available: is("frozen"),
      fields: () => [],
      command: () => ({ type: "session.thaw" }),
      undo: { ...status, back: () => ({ type: "session.freeze" }) },
    },
    {
      id: "session.close", group: "session", done: about, available: is("live", "frozen"),
      fields: () => [],
      command: () => ({ type: "session.close" }),
      consequence: () => fill(say.ask_end, { held: unitsIn(room, "held"), committed: unitsIn(room, "committed"), tasks: room.direction.tasks.length }),
    },
    { id: "plan.reload", group: "session", fields: () => [], run: (desk) => desk.reload() },
  ];
}
