// The table of items: the server rendered it, and what changes is written into it.

import { fill, write } from "./dom.js";

const FIELDS = ["link", "title", "variant", "price", "available", "held", "sold", "oversold"];

/** The rows of `table`. An item that it does not have, or another order, needs a new page: `reload()`. */
export function itemsOf(table, { words: say, reload }) {
  const rows = new Map([...table.querySelectorAll("tbody[data-sku]")].map((row) => [row.dataset.sku, row]));

  function showItem(sku, item) {
    const row = rows.get(sku);
    if (!row) {
      reload();
      return;
    }
    row.dataset.state = item.state;
    row.dataset.heat = item.heat;
    row.classList.toggle("on-air", item.on_air);
    for (const field of FIELDS) write(row.querySelector(`[data-field="${field}"]`), item[field] ?? "");
    write(row.querySelector('[data-field="state"]'), say[`state_${item.state}`] ?? item.state);
    write(row.querySelector("[data-stale]"), item.stale ? say.stale_item : "");
  }

  return {
    show({ order, items }) {
      if (order && JSON.stringify(order) !== JSON.stringify([...rows.keys()])) reload();
      for (const [sku, item] of Object.entries(items)) showItem(sku, item);
    },
    /** What only the desk sees, by sku. */
    showDetails(desk) {
      for (const [sku, item] of Object.entries(desk)) {
        const row = rows.get(sku);
        write(row?.querySelector("[data-over]"), item.pool < 0 ? fill(say.over_allotted, { units: -item.pool }) : "");
        const lines = [...(row?.querySelectorAll("tr[data-location]") ?? [])];
        for (const [name, units] of Object.entries(item.locations)) {
          const line = lines.find((each) => each.dataset.location === name);
          for (const cell of line?.querySelectorAll("[data-column]") ?? []) write(cell, units[cell.dataset.column]);
        }
      }
    },
    /** sku → title and variant, in running order, and the sku on air. */
    now() {
      const said = (row, field) => row.querySelector(`[data-field="${field}"]`).textContent;
      const titles = [...rows].map(([sku, row]) => [sku, `${said(row, "title")} ${said(row, "variant")}`.trim()]);
      const onAir = [...rows].find(([, row]) => row.classList.contains("on-air"));
      return { titles: new Map(titles), onAir: onAir?.[0] ?? "" };
    },
  };
}
