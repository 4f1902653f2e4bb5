// What can be done with one item, as a panel: for the stock view, wherever an item is opened.

import { element, fill, focusStays, keepChildren, write } from "../dom.js";
import { doesOnClick } from "./act.js";
import { featured } from "./air.js";
import { allotmentSliders } from "./sliders.js";
import { unsentMoves } from "./unsent.js";

const ACTIONS = ["item.mode", "stock.adjust", "stock.count", "stock.transfer", "item.update", "item.move"];

/**
 * `itemControls(container, sku)` fills a container with them; it stays true to the room by itself as long as it stands on the page.
 * Without the right to press it stays empty.
 */
export function itemControlsOf(desk) {
  const { words: say, room, plan, registry } = desk;
  const panels = new Map();
  const unsent = unsentMoves(desk);

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
    const possible = (id) => registry.possible(registry.get(id));
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
    const sliders = Object.keys(plan.channels).length ? allotmentSliders(desk, sku, unsent) : null;
    const over = element("p", "over", say.over_item);
    container.replaceChildren(over, keys, readings, drops, ...(sliders ? [sliders.place] : []));

    // Each keeps its buttons while its numbers change: one that is being pressed, or has the focus, stays where it is.
    function dropLine([name]) {
      const line = element("li");
      const button = (id, label) => doesOnClick(element("button", "", label), desk, id, () => ({ drop: name }));
      line.append(element("span"), button("drop.release", say.drop_release), button("drop.close", say.drop_end));
      return line;
    }

    function updateDrop(line, [name, { status, left, sold }]) {
      const [text, release, end] = line.children;
      write(text, fill(say.drop_now, { drop: name, status: say[`drop_${status}`], left, sold }));
      release.hidden = status !== "pending" || !possible("drop.release");
      end.hidden = status === "closed";
    }

    function readingLine({ params: { seq: reading } }) {
      const line = element("li");
      line.append(element("span"));
      for (const accept of ["yes", "no"]) {
        line.append(doesOnClick(element("button", accept, say[`accept_${accept}`]), desk, "stock.confirm", () => ({ reading, accept })));
      }
      return line;
    }

    function updateReading(line, { params }) {
      const location = plan.locations[params.location] ?? params.location ?? "";
      write(line.firstElementChild, fill(say.reading_waits, { title: room.title(sku), location, quantity: params.new }));
    }

    function showLists(units) {
      const waiting = (room.direction?.alerts ?? []).filter((alert) => alert.kind === "reading" && alert.sku === sku);
      keepChildren(drops, Object.entries(units.drops), { key: ([name]) => name, make: dropLine, update: updateDrop });
      keepChildren(readings, waiting, { key: ({ params }) => params.seq, make: readingLine, update: updateReading });
    }

    return {
      sku,
      show() {
        const [item, units] = [room.items.get(sku), room.units.get(sku)];
        if (!item || !units) return;
        over.hidden = room.session.status !== "closed";
        feature.hidden = !possible("item.feature");
        const offSale = ["closed", "upcoming"].includes(item.state);
        opens.hidden = !offSale || !possible("item.open");
        closes.hidden = offSale;
        const fits = (id) => (registry.get(id).possibleFor?.({ sku }) ?? true) && (id !== "item.mode" || units.pool !== null);
        for (const [id, button] of others) button.hidden = !possible(id) || !fits(id);
        focusStays(container, ":is(.drops, .readings) > li", container, () => showLists(units));
        if (sliders) {
          sliders.place.hidden = units.pool === null || !possible("allotment.set");
          sliders.show(units);
        }
      },
    };
  }
}
