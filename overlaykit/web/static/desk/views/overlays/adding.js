// An overlay to add: what it shows is chosen, and out come its address, the size to type into OBS, and a code to scan.

import { fill, write } from "../../dom.js";
import { copyText } from "../../press.js";

const NAMES = ["layout", "theme", "about", "channel", "region", "way"];

/** Fills `details`; nothing is asked before it is opened. `items()` when the room has other items. */
export function addingOf(details, desk) {
  const { words: say, room, plan, session, follow, lang } = desk;
  const form = details.querySelector("form");
  const by = Object.fromEntries(NAMES.map((name) => [name, form.elements[name]]));
  const [alarm, shown] = [details.querySelector(".alarm"), details.querySelector(".address")];
  const copy = shown.querySelector(".copy");
  let [asking, ways] = [0, []];

  /** [[value, label]]; what is chosen stays. */
  function offer(name, pairs) {
    const before = by[name].value;
    by[name].replaceChildren(...pairs.map(([value, label]) => new Option(label, value)));
    by[name].value = pairs.some(([value]) => value === before) ? before : pairs[0]?.[0] ?? "";
    by[name].closest("label").hidden = name !== "layout" && pairs.length < 2;
  }

  function items() {
    const linked = new Map();
    const products = Object.keys(room.products).map((product) => [`product=${product}`, fill(say.overlays_product, { product })]);
    for (const sku of room.order) {
      const { link } = room.items.get(sku);
      if (link !== null && link !== undefined && !linked.has(link)) linked.set(link, room.title(sku));
    }
    const links = [...linked].map(([link, title]) => [`link=${link}`, `${fill(say.link_number, { n: link })} ${title}`]);
    const single = room.order.map((sku) => [`sku=${sku}`, `${room.title(sku)} · ${sku}`]);
    offer("about", [["", say.overlays_on_air], ...links, ...products, ...single]);
    const regions = new Set([...room.items.values()].flatMap((item) => Object.keys(item.regions ?? {})));
    offer("region", [["", say.overlays_anywhere], ...[...regions].sort().map((name) => [name, name])]);
  }

  async function themes() {
    const found = await desk.asked(`/desk/themes.json?${new URLSearchParams({ session, lang, ...(by.theme.value ? { theme: by.theme.value } : {}) })}`);
    if (!found) return write(alarm, say.send_failed);
    offer("theme", [["", fill(say.overlays_theme_now, { theme: found.now.theme })], ...found.themes.filter(({ error }) => !error).map(({ name, title }) => [name, title])]);
    offer("layout", (found.chosen?.layouts ?? []).map(({ name, title }) => [name, `${title} · ${name}`]));
    return address();
  }

  async function address() {
    if (!by.layout.value) return;
    const mine = (asking += 1);
    const [kind, ...rest] = by.about.value.split("=");
    const asked = { session: follow, lang, layout: by.layout.value, theme: by.theme.value, channel: by.channel.value, region: by.region.value, ...(kind ? { [kind]: rest.join("=") } : {}) };
    const answer = await fetch(`/desk/overlay.json?${new URLSearchParams(Object.entries(asked).filter(([, value]) => value))}`).catch(() => null);
    const body = await answer?.json().catch(() => null);
    if (mine !== asking) return;
    const good = Boolean(answer?.ok && body.ways.length);
    write(alarm, good ? "" : answer?.ok ? say.overlays_no_token : body?.detail ?? say.send_failed);
    shown.hidden = !good;
    if (!good) return;
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
    shown.querySelector(".local").hidden = way.elsewhere;
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
  copy.addEventListener("click", async () => {
    const copied = await copyText(shown.querySelector(".url").textContent);
    write(alarm, copied ? "" : say.copy_failed);
    write(copy, copied ? say.overlays_copied : say.overlays_copy);
    setTimeout(() => write(copy, say.overlays_copy), 2000);
  });
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    items();
    offer("channel", [["", say.overlays_whole_room], ...Object.entries(plan.channels).map(([name, title]) => [name, title || name])]);
    themes();
  });
  return { items: () => details.open && items() };
}
