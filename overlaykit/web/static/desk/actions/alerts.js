// Alerts: the first of them is seen; what an alert waits for a person to decide.

import { fill } from "../dom.js";

export function alertActions(desk) {
  const { words: say, room } = desk;
  const alerts = (kind) => (room.direction?.alerts ?? []).filter((alert) => alert.kind === kind);

  return [
    {
      id: "alert.acknowledge", group: "directing", hotkey: "Shift+k",
      done: ({ alert }) => alert,
      available: () => Boolean(desk.firstAlert?.()),
      fields: () => [],
      command: () => ({ type: "alert.acknowledge", alert: desk.firstAlert().alert }),
    },
    {
      id: "fact.drop", group: "directing", done: ({ entry }) => `#${entry}`,
      available: () => alerts("quarantined").length > 0,
      fields: () => [{
        name: "entry", type: "choice", label: say.field_fact, required: true,
        options: alerts("quarantined").map(({ params }) => ({ value: params.entry, label: `${params.order} · #${params.entry}` })),
      }],
      command: ({ entry }) => ({ type: "quarantine.drop", entry: Number(entry) }),
      consequence: ({ entry }) =>
        fill(say.ask_drop_fact, { order: alerts("quarantined").find(({ params }) => params.entry === Number(entry))?.params.order ?? `#${entry}` }),
    },
    {
      id: "clock.accept", group: "directing", done: () => "",
      available: () => alerts("clock").length > 0,
      fields: () => [],
      command: () => ({ type: "clock.accept" }),
      consequence: () => say.ask_clock,
    },
  ];
}
