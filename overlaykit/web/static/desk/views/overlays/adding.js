// An overlay to add: what it shows is chosen, and out come its address, the size to type into OBS, and a code to scan.

import { productNames } from "../../actions/about.js";
import { fill, write } from "../../dom.js";
import { itemPicker } from "../../item_picker.js";
import { copiesOnClick } from "../../press.js";

const NAMES = ["layout", "theme", "channel", "region", "way"];

/** Fills `details`; nothing is asked before it is opened. `show()` when the room has other items. */
export function addingOf(details, desk) {
  const { words: say, room, plan, follow } = desk;
  const form = details.querySelector("form");
  const by = Object.fromEntries(NAMES.map((name) => [name, form.elements[name]]));
  const [alarm, shown] = [details.querySelector(".alarm"), details.querySelector(".address")];
  const about = itemPicker(desk, say.overlays_about, { none: say.overlays_on_air, others: together, changed: () => address() });
  details.querySelector(".about-item").append(about.place);
  let [asking, choosing, ways] = [0, 0, []];

  /** [[value, label]]; what is chosen stays. */
  function offer(name, pairs) {
    const before = by[name].value;
    by[name].replaceChildren(...pairs.map(([value, label]) => new Option(label, value)));
    by[name].value = pairs.some(([value]) => value === before) ? before : pairs[0]?.[0] ?? "";
    by[name].closest("label").hidden = name !== "layout" && pairs.length < 2;
  }

  /** Link numbers and products: an overlay of one shows all its variants, and another item once that has the number. */
  function together() {
    const firsts = new Map();
    for (const sku of room.order) {
      const { link } = room.items.get(sku);
      if (link !== null && !firsts.has(link)) firsts.set(link, sku);
    }
    const links = [...firsts].map(([link, sku]) => ({ value: { link }, sku, label: fill(say.overlays_link, { n: link, title: room.items.get(sku).title }) }));
    return [...links, ...[...productNames(room)].map(([product, title]) => ({ value: { product }, label: fill(say.overlays_product, { product: title }) }))];
  }

  function regions() {
    const known = new Set([...room.items.values()].flatMap((item) => Object.keys(item.regions ?? {})));
    offer("region", [["", say.overlays_anywhere], ...[...known].sort().map((name) => [name, name])]);
  }

  async function themes() {
    const mine = (choosing += 1);
    const { body: found, text } = await desk.ask("/desk/themes.json", { theme: by.theme.value });
    if (mine !== choosing) return undefined;
    if (!found) return write(alarm, text);
    offer("theme", [["", fill(say.overlays_theme_now, { theme: found.now.theme })], ...found.themes.filter(({ error }) => !error).map(({ name, title }) => [name, title])]);
    offer("layout", (found.chosen?.layouts ?? []).map(({ name, title }) => [name, `${title} · ${name}`]));
    return address();
  }

  async function address() {
    if (!by.layout.value) return;
    const mine = (asking += 1);
    const item = about.value();
    const chosen = Object.fromEntries(["layout", "theme", "channel", "region"].map((name) => [name, by[name].value]));
    const { body, text } = await desk.ask("/desk/overlay.json", { ...chosen, session: follow, ...(typeof item === "string" ? { sku: item } : item) });
    if (mine !== asking) return;
    write(alarm, body && !body.ways.length ? say.overlays_no_token : text);
    shown.hidden = !body?.ways.length;
    if (shown.hidden) return;
    ways = body.ways;
    write(shown.querySelector(".size"), fill(say.overlays_size, { size: body.sizes.map((size) => size.replace("x", "×")).join(say.overlays_or) }));
    const before = by.way.value;
    offer("way", ways.map(({ address: way, here }) => [way, here ? `${way} · ${say.devices_here}` : way]));
    by.way.value = ways.some((each) => each.address === before) ? before : (ways.find(({ here }) => here) ?? ways[0]).address;
    draw();
  }

  function draw() {
    const way = ways.find(({ address: each }) => each === by.way.value);
    if (!way) return;
    write(shown.querySelector(".url"), way.url);
    shown.querySelector(".open").href = way.url;
    const local = shown.querySelector(".local");
    write(local, ways.some(({ elsewhere }) => elsewhere) ? say.overlays_local_of_several : say.overlays_local);
    local.hidden = way.elsewhere;
    const qr = shown.querySelector(".qr");
    qr.hidden = !way.elsewhere;
    qr.src = way.qr;
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => {
    if (target.name === "way") draw();
    else if (target.name === "theme") themes();
    else address();
  });
  copiesOnClick(shown.querySelector(".copy"), say, () => shown.querySelector(".url").textContent);
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    regions();
    offer("channel", [["", say.overlays_whole_room], ...Object.entries(plan.channels).map(([name, title]) => [name, title || name])]);
    themes();
  });
  return { show: () => details.open && regions() };
}
