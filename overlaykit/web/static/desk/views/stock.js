// The stock of all items.

import { element, fill, keepChildren, write } from "../dom.js";

const NUMBERS = ["available", "held", "sold", "oversold"];
const UNITS = ["on_hand", "available", "held", "committed", "buffer", "damaged", "incoming"];

/** The view of it. */
export function stockView(section, { words: say, room }) {
  const table = section.querySelector("table.items");

  function made() {
    const body = element("tbody");
    const line = element("tr", "item");
    line.append(element("td", "of-link"));
    const title = element("td", "of-title");
    title.append(element("span", "title"), " ", element("span", "variant"), " ", element("small", "sku"), " ");
    title.append(element("em", "air", say.on_air), element("em", "over"), element("em", "old"));
    line.append(title, element("td", "of-price"), element("td", "of-state"));
    for (const name of NUMBERS) {
      const cell = element("td", `number of-${name}`);
      cell.dataset.label = say[name];
      line.append(cell);
    }
    const places = element("tr", "locations");
    const cell = element("td");
    cell.colSpan = NUMBERS.length + 3;
    const details = element("details");
    const units = element("table");
    const head = element("tr");
    head.append(element("th"), ...UNITS.map((name) => element("th", "number", say[name])));
    units.append(head);
    details.append(element("summary", "", say.location), units);
    cell.append(details);
    places.append(element("td"), cell);
    body.append(line, places);
    return body;
  }

  function update(body, sku) {
    const [item, units] = [room.items.get(sku), room.units.get(sku)];
    Object.assign(body.dataset, { sku, state: item.state, heat: item.heat });
    body.classList.toggle("on-air", item.on_air);
    write(body.querySelector(".of-link"), item.link ?? "");
    write(body.querySelector(".title"), item.title);
    write(body.querySelector(".variant"), item.variant ?? "");
    write(body.querySelector(".sku"), sku);
    write(body.querySelector(".over"), units.pool < 0 ? fill(say.over_allotted, { units: -units.pool }) : "");
    write(body.querySelector(".old"), item.stale ? say.stale_item : "");
    write(body.querySelector(".of-price"), item.price ?? "");
    write(body.querySelector(".of-state"), say[`state_${item.state}`] ?? item.state);
    for (const name of NUMBERS) write(body.querySelector(`.of-${name}`), item[name]);
    keepLocations(body.querySelector(".locations table"), Object.entries(units.locations));
  }

  function keepLocations(units, places) {
    for (const [place, [name, row]] of places.entries()) {
      const line = units.rows[place + 1] ?? units.insertRow();
      if (!line.cells.length) line.append(element("th", "", name), ...UNITS.map(() => element("td", "number")));
      line.dataset.location = name;
      UNITS.forEach((unit, column) => write(line.cells[column + 1], row[unit]));
    }
  }

  return {
    show(changes) {
      if (changes.all || changes.order) {
        keepChildren(table, room.order, { key: (sku) => sku, make: made, update });
        return;
      }
      const rows = new Map([...table.tBodies].map((body) => [body.dataset.key, body]));
      for (const sku of changes.items) if (rows.has(sku)) update(rows.get(sku), sku);
    },
  };
}
