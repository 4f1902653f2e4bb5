// The allotments of an item, all channels together: what is given out, what stays in the pool, what would be too much, before it is sent.

import { element, fill, write } from "../dom.js";

/**
 * `{place, show(units)}`. A slider that is being moved keeps what the operator set until it is sent or put back; the others follow the
 * room. One command for each channel that was changed.
 */
export function allotmentSliders(desk, sku) {
  const { words: say, plan, room } = desk;
  const place = element("fieldset", "allotments");
  place.append(element("legend", "", say.allotments));
  const rows = new Map();
  let moved = null; // the row that was moved last
  for (const [channel, title] of Object.entries(plan.channels)) rows.set(channel, rowOf(channel, title));
  const sum = element("p", "sum");
  sum.setAttribute("role", "status");
  const alarm = element("p", "alarm");
  alarm.setAttribute("role", "alert");
  const keys = element("div", "keys");
  const [back, send] = [element("button", "no", say.put_back), element("button", "yes", say.allotments_send)];
  for (const each of [back, send]) each.type = "button";
  back.addEventListener("click", () => {
    for (const row of rows.values()) row.wanted = undefined;
    write(alarm, "");
    show(room.units.get(sku));
  });
  send.addEventListener("click", sendChanges);
  keys.append(back, send);
  place.append(sum, alarm, keys);

  function rowOf(channel, title) {
    const row = { channel, title: title || channel, wanted: undefined, over: null, sent: undefined }; // `over`: what stood there when it was moved
    const line = element("div", "allotment");
    line.dataset.channel = channel;
    const name = element("span", "name", title || channel);
    name.id = `allot-${sku}-${channel}`.replace(/\s/g, "_");
    row.pool = element("input");
    row.pool.type = "checkbox";
    row.pool.setAttribute("aria-label", fill(say.allotment_own_of, { channel: title || channel }));
    const own = element("label", "own");
    own.append(row.pool, ` ${say.allotment_own}`);
    row.slider = element("input");
    Object.assign(row.slider, { type: "range", min: 0, step: 1 });
    row.number = element("input", "number");
    Object.assign(row.number, { type: "number", min: 0, step: 1, max: 1e9 });
    for (const input of [row.slider, row.number]) input.setAttribute("aria-labelledby", name.id);
    row.used = element("small", "used");
    row.pool.addEventListener("change", () => set(row, row.pool.checked ? row.used.units : null));
    row.slider.addEventListener("input", () => set(row, row.slider.valueAsNumber));
    row.number.addEventListener("input", () => row.number.checkValidity() && row.number.value !== "" && set(row, row.number.valueAsNumber));
    line.append(name, own, row.slider, row.number, row.used);
    place.append(line);
    return row;
  }

  const allotted = (units, channel) => units.allotments[channel]?.allotted ?? null;
  const wantedOf = (units, row) => (row.wanted === undefined ? allotted(units, row.channel) : row.wanted);
  const leftOf = (quantity, used) => (quantity === null ? 0 : Math.max(0, quantity - used));

  function set(row, quantity) {
    if (row.wanted === undefined) row.over = allotted(room.units.get(sku), row.channel);
    row.wanted = quantity;
    moved = row;
    show(room.units.get(sku));
  }

  /** Units that all channels with an allotment may still take, and the pool, as they would be. */
  function totals(units) {
    let [given, givenNow] = [0, 0];
    for (const row of rows.values()) {
      const used = units.allotments[row.channel]?.used ?? 0;
      given += leftOf(wantedOf(units, row), used);
      givenNow += leftOf(allotted(units, row.channel), used);
    }
    return { given, pool: units.pool + givenNow - given, free: units.pool + givenNow };
  }

  function show(units) {
    if (!units || units.pool === null) return;
    const { given, pool, free } = totals(units);
    let changed = 0;
    for (const row of rows.values()) {
      const used = units.allotments[row.channel]?.used ?? 0;
      const now = allotted(units, row.channel);
      if (row.wanted === now) row.wanted = undefined;
      const wanted = wantedOf(units, row);
      const own = wanted !== null;
      row.used.units = used;
      row.pool.checked = own;
      row.slider.disabled = row.number.disabled = !own;
      row.slider.max = Math.max(used + Math.max(0, free), wanted ?? 0, now ?? 0);
      if (document.activeElement !== row.slider || row.slider.valueAsNumber !== wanted) row.slider.value = wanted ?? 0;
      if (document.activeElement !== row.number || row.wanted === undefined) row.number.value = wanted ?? "";
      const text = own ? fill(say.allotment_used, { used, left: leftOf(wanted, used) }) : fill(say.allotment_of_pool, { used });
      write(row.used, text);
      row.slider.setAttribute("aria-valuetext", text);
      if (row.wanted !== undefined) changed += 1;
    }
    place.dataset.over = pool < 0;
    write(sum, fill(pool < 0 ? say.allotments_over : say.allotments_sum, { given, pool, over: -pool }));
    showKeys(changed > 0);
    send.classList.toggle("danger", pool < 0);
    send.classList.toggle("yes", pool >= 0);
  }

  function showKeys(shown) {
    const leaves = !shown && keys.contains(document.activeElement);
    keys.hidden = !shown;
    if (leaves) (moved.slider.disabled ? moved.pool : moved.slider).focus();
  }

  /** What another desk has set since these were moved: it is said, and not overwritten before somebody presses again. */
  function overtaken() {
    const now = ({ channel }) => allotted(room.units.get(sku), channel);
    const moved = [...rows.values()].filter(({ wanted }) => wanted !== undefined);
    return moved.filter((row) => now(row) !== row.over && now(row) !== row.sent).map((row) => {
      row.over = now(row);
      return fill(say.allotment_overtaken, { channel: row.title, now: row.over ?? say.allotment_pool });
    });
  }

  async function sendChanges() {
    if (send.dataset.busy) return;
    write(alarm, overtaken().join(" "));
    if (alarm.textContent) return;
    send.dataset.busy = "yes";
    const done = [];
    for (const row of rows.values()) {
      if (row.wanted === undefined) continue;
      const quantity = row.wanted;
      const { ok, text, outcome } = await desk.act("allotment.set", { sku, channel: row.channel, quantity }, { told: false });
      if (!ok) {
        write(alarm, text);
        continue;
      }
      row.sent = quantity;
      done.push({ row, quantity, seq: outcome.seq ?? 0 });
    }
    await room.reached(Math.max(0, ...done.map(({ seq }) => seq))); // until then it stands as it was set
    for (const { row, quantity } of done) if (row.wanted === quantity) row.wanted = undefined;
    delete send.dataset.busy;
    show(room.units.get(sku));
  }

  return { place, show };
}
