// Where to go on the desk, and what helps there: nothing of it sends a command, so whoever may look may do it.

/** View → the key after g. */
const KEYS = { stock: "s", rules: "r", obs: "o", overlays: "v", outside: "c", theme: "t", log: "l", buttons: "b" };

export function placeActions({ words: say, shownViews }) {
  const views = shownViews.map((view) => ({
    id: `go.${view}`, group: "places", open: true, title: say[`view_${view}`], hotkey: KEYS[view] && `g ${KEYS[view]}`,
    fields: () => [], run: (desk) => desk.go(view),
  }));
  return [
    ...views,
    { id: "desk.palette", group: "places", open: true, hotkey: "Control+k", fields: () => [], run: (desk) => desk.palette() },
    { id: "desk.search", group: "places", open: true, hotkey: "/", fields: () => [], run: (desk) => desk.search() },
    { id: "desk.undo", group: "places", hotkey: "Shift+u", fields: () => [], run: (desk) => desk.undoLast() },
    { id: "desk.help", group: "places", open: true, hotkey: "?", fields: () => [], run: (desk) => desk.help() },
  ];
}
