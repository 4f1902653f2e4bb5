// The allotments of an item, all channels together: what is given out, what stays in the pool, what would be too much, before it is sent.

import { element, fill, write } from "../dom.js";

/**
 * `{place, show(units)}`. A slider that is being moved keeps what the operator set until it is sent or put back, in `unsent` (unsent.js);
 * the others follow the room. One command for each channel that was changed.
 */
export function allotmentSliders(desk, sku, unsent) {
  const { words: say, plan, room } = desk;
  const moves = unsent.of(sku);
  const place = element("fieldset", "allotments");
  place.append(element("legend", "", say.allotments));
  const rows = new Map();
  for (const [channel, title] of Object.entries(plan.channels)) rows.set(channel, rowOf(channel, title));
  let [moved] = rows.values(); // the row that was moved last
  const sum = element("p", "sum");
  sum.setAttribute("role", "status");
  const alarm = element("p", "alarm");
  alarm.setAttribute("role", "alert");
  const keys = element("div", "keys");
  const [back, send] = [element("button", "no", say.put_back), element("button", "yes", say.allotments_send)];
  for (const each of [back, send]) each.type = "button";
  back.addEventListener("click", () => {
    moves.clear();
    unsent.keep();
    write(alarm, "");
    show(room.units.get(sku));
  });
  send.addEventListener("click", sendChanges);
  keys.append(back, send);
  place.append(sum, alarm, keys);

  function rowOf(channel, title) {
    const row = { channel, title: title || channel, sent: undefined };
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
  const wantedOf = (units, { channel }) => (moves.has(channel) ? moves.get(channel).quantity : allotted(units, channel));
  const leftOf = (quantity, used) => (quantity === null ? 0 : Math.max(0, quantity - used));

  function set(row, quantity) {
    const { over } = moves.get(row.channel) ?? { over: allotted(room.units.get(sku), row.channel) };
    moves.set(row.channel, { quantity, over });
    unsent.keep();
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
    for (const row of rows.values()) {
      const used = units.allotments[row.channel]?.used ?? 0;
      const now = allotted(units, row.channel);
      if (moves.get(row.channel)?.quantity === now) done(row);
      const wanted = wantedOf(units, row);
      const own = wanted !== null;
      row.used.units = used;
      row.pool.checked = own;
      row.slider.disabled = row.number.disabled = !own;
      row.slider.max = Math.max(used + Math.max(0, free), wanted ?? 0, now ?? 0);
      if (document.activeElement !== row.slider || row.slider.valueAsNumber !== wanted) row.slider.value = wanted ?? 0;
      if (document.activeElement !== row.number || !moves.has(row.channel)) row.number.value = wanted ?? "";
      const text = own ? fill(say.allotment_used, { used, left: leftOf(wanted, used) }) : fill(say.allotment_of_pool, { used });
      write(row.used, text);
      row.slider.setAttribute("aria-valuetext", text);
    }
    place.dataset.over = pool < 0;
    write(sum, fill(pool < 0 ? say.allotments_over : say.allotments_sum, { given, pool, over: -pool }));
    showKeys(moves.size > 0);
    send.classList.toggle("danger", pool < 0);
    send.classList.toggle("yes", pool >= 0);
  }

  function done(row) {
    moves.delete(row.channel);
    unsent.keep();
  }

  function showKeys(shown) {
    const leaves = !shown && keys.contains(document.activeElement);
    keys.hidden = !shown;
    if (leaves) (moved.slider.disabled ? moved.pool : moved.slider).focus();
  }

  /** What another desk has set since these were moved: it is said, and not overwritten before somebody presses again. */
  function overtaken() {
    const now = ({ channel }) => allotted(room.units.get(sku), channel);
    const others = (row) => moves.has(row.channel) && now(row) !== moves.get(row.channel).over && now(row) !== row.sent;
    return [...rows.values()].filter(others).map((row) => {
      moves.get(row.channel).over = now(row);
      return fill(say.allotment_overtaken, { channel: row.title, now: now(row) ?? say.allotment_pool });
    });
  }

  async function sendChanges() {
    if (send.dataset.busy) return;
    write(alarm, overtaken().join(" "));
    if (alarm.textContent) return;
    send.dataset.busy = "yes";
    const accepted = [];
    for (const move of moves.values()) move.sent = true;
    for (const row of rows.values()) {
      if (!moves.has(row.channel)) continue;
      const { quantity } = moves.get(row.channel);
      const { ok, text, outcome } = await desk.act("allotment.set", { sku, channel: row.channel, quantity }, { told: false });
      if (ok) {
        row.sent = quantity;
        accepted.push({ row, quantity, seq: outcome.seq ?? 0 });
      } else {
        delete moves.get(row.channel)?.sent;
        if (place.offsetParent) write(alarm, text);
        else desk.history.tell(text, "refused"); // another item is looked at meanwhile
      }
    }
    await room.reached(Math.max(0, ...accepted.map(({ seq }) => seq))); // until then it stands as it was set
    for (const { row, quantity } of accepted) if (moves.get(row.channel)?.quantity === quantity) done(row);
    delete send.dataset.busy;
    show(room.units.get(sku));
  }

  return { place, show };
}
