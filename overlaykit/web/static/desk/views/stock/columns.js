// The columns of the table: how wide, and which are there when nobody has chosen.

/** `rank`: which ones go first where there is no room, the greatest; 0: it always stays. `first`: how a first press sorts. */
export const COLUMNS = [
  { name: "link", rem: 2.5, rank: 0, first: "up" },
  { name: "picture", rem: 2.75, rank: 7 },
  { name: "item", rem: 15, rank: 0, first: "up" },
  { name: "price", rem: 5, rank: 10, first: "down", number: true },
  { name: "state", rem: 5.75, rank: 0, first: "up" },
  { name: "available", rem: 6.5, rank: 0, first: "up", number: true },
  { name: "held", rem: 3.5, rank: 4, first: "down", number: true },
  { name: "committed", rem: 4.25, rank: 8, first: "down", number: true },
  { name: "sold", rem: 4, rank: 1, first: "down", number: true },
  { name: "oversold", rem: 4.25, rank: 6, first: "down", number: true },
  { name: "pace", rem: 4, rank: 5, first: "down", number: true },
  { name: "ends", rem: 4.5, rank: 2, first: "up", number: true },
  { name: "drop", rem: 7, rank: 9, first: "up" },
  { name: "trend", rem: 5.5, rank: 3 },
];

/** The columns to show in `width` rem: those that were chosen (a list of names), else as many as there is room for. */
export function columnsFor(width, chosen) {
  if (chosen) return COLUMNS.filter(({ name, rank }) => rank === 0 || chosen.includes(name));
  let left = width;
  const kept = new Set();
  for (const column of [...COLUMNS].sort((a, b) => a.rank - b.rank)) {
    if (column.rank > 0 && column.rem > left) break;
    kept.add(column);
    left -= column.rem;
  }
  return COLUMNS.filter((column) => kept.has(column));
}

/** The same as a grid: the item's title takes what is left. */
export function gridOf(columns) {
  return columns.map(({ name, rem }) => (name === "item" ? `minmax(7rem, 1fr)` : `${rem}rem`)).join(" ");
}
