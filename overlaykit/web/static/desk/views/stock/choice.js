// How the operator wants to see the stock: remembered in this browser, but for what narrows it, which would be missed tomorrow.

const PLACE = "overlaykit.stock";
const KEPT = ["mode", "columns", "sort", "descending", "grouped"];
const MODES = ["table", "cards", "heat"];

/** The choice of last time. `columns`: names, or null for as many as there is room for. */
export function choiceOf() {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(PLACE) ?? "{}") ?? {};
  } catch {
    // nothing is kept, or not by us
  }
  return {
    mode: MODES.includes(kept.mode) ? kept.mode : "table",
    columns: Array.isArray(kept.columns) ? kept.columns : null,
    sort: typeof kept.sort === "string" ? kept.sort : "order",
    descending: kept.descending === true,
    grouped: kept.grouped === true,
    folded: new Set(), states: new Set(), heats: new Set(), oversold: false, channel: "", location: "", product: "", search: "",
  };
}

/** Remembers it. */
export function keepChoice(choice) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(Object.fromEntries(KEPT.map((name) => [name, choice[name]]))));
  } catch {
    // a browser that keeps nothing
  }
}
