// What can be done with one item, as a panel: for the stock view, wherever an item is opened.

import { element, fill, write } from "../dom.js";
import { doesOnClick } from "./act.js";
import { featured } from "./air.js";
import { allotmentSliders } from "./sliders.js";

const ACTIONS = ["item.mode", "stock.adjust", "stock.count", "stock.transfer", "item.update", "item.move"];

/**
 * `itemControls(container, sku)` fills a container with them; it stays true to the room by itself as long as it stands on the page.
 * Without the right to press it stays empty.
 */
export function itemControlsOf(desk) {
  const { words: say, room, plan, registry } = desk;
  const panels = new Map();

  room.listen((changes) => {
    for (const [container, panel] of panels) {
      if (!container.isConnected) panels.delete(container);
      else if (changes.all || changes.items.has(panel.sku) || changes.direction || changes.session) panel.show();
    }
  });

  return function itemControls(container, sku) {
    if (!desk.may) return;
    if (panels.get(container)?.sku === sku) {
      panels.get(container).show();
      return;
    }
    const panel = panelOf(container, sku);
    panels.set(container, panel);
    panel.show();
  };

  function panelOf(container, sku) {
    const keys = element("div", "keys");
    const key = (id, label, valuesOf = () => ({ sku })) => {
      const button = doesOnClick(element("button", "", label), desk, id, valuesOf);
      button.dataset.action = id;
      keys.append(button);
      return button;
    };
    const feature = key("item.feature", say.feature_short, () => {
      const { link } = featured(room, sku);
      return link ? { link } : { sku };
    });
    feature.className = "yes";
    const [opens, closes] = ["item.open", "item.close"].map((id) => key(id, registry.title(id)));
    const others = ACTIONS.map((id) => [id, key(id, registry.title(id))]);
    const drops = element("ul", "drops");
    const readings = element("ul", "readings");
    const sliders = Object.keys(plan.channels).length ? allotmentSliders(desk, sku) : null;
    container.replaceChildren(keys, readings, drops, ...(sliders ? [sliders.place] : []));

    function dropLine(name, { status, left, sold }) {
      const line = element("li");
      write(line.appendChild(element("span")), fill(say.drop_now, { drop: name, status: say[`drop_${status}`], left, sold }));
      if (status === "pending") line.append(doesOnClick(element("button", "", say.drop_release), desk, "drop.release", () => ({ drop: name })));
      if (status !== "closed") line.append(doesOnClick(element("button", "", say.drop_end), desk, "drop.close", () => ({ drop: name })));
      return line;
    }

    function readingLine({ params }) {
      const line = element("li");
      const reading = params.seq;
      const location = plan.locations[params.location] ?? params.location ?? "";
      line.append(element("span", "", fill(say.reading_waits, { title: room.title(sku), location, quantity: params.new })));
      for (const accept of ["yes", "no"]) {
        line.append(doesOnClick(element("button", accept, say[`accept_${accept}`]), desk, "stock.confirm", () => ({ reading, accept })));
      }
      return line;
    }

    let [dropsDrawn, readingsDrawn] = ["", ""];
    return {
      sku,
      show() {
        const [item, units] = [room.items.get(sku), room.units.get(sku)];
        if (!item || !units) return;
        opens.hidden = !["closed", "upcoming"].includes(item.state);
        closes.hidden = !opens.hidden;
        for (const [id, button] of others) button.hidden = !(registry.get(id).possibleFor?.({ sku }) ?? true) || (id === "item.mode" && units.pool === null);
        const dropsNow = JSON.stringify(units.drops);
        if (dropsNow !== dropsDrawn) {
          dropsDrawn = dropsNow;
          drops.replaceChildren(...Object.entries(units.drops).map(([name, drop]) => dropLine(name, drop)));
        }
        const waiting = (room.direction?.alerts ?? []).filter((alert) => alert.kind === "reading" && alert.sku === sku);
        if (JSON.stringify(waiting) !== readingsDrawn) {
          readingsDrawn = JSON.stringify(waiting);
          readings.replaceChildren(...waiting.map(readingLine));
        }
        if (sliders) {
          sliders.place.hidden = units.pool === null;
          sliders.show(units);
        }
      },
    };
  }
}
