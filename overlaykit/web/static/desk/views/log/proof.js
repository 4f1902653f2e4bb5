// The proof of a number: the entries that changed it, each with the number before and after, in a dialog over whatever is open.

import { itemName } from "../../actions/about.js";
import { element, fill, keepChildren, write } from "../../dom.js";
import { logAsker } from "./asking.js";
import { copyButton, dialogOf, fieldsOf } from "./entry.js";

const SIGN = { 1: "+", "-1": "−", 0: "" };

/** `prove(sku, field, location)`: field as the board calls it (available, held, on_hand …), location for one of them alone. */
export function numberProof(desk) {
  const { words: say, room, clock } = desk;
  const ask = logAsker(desk);
  let parts = null;
  let asked = null;

  function made() {
    const { dialog, title, body } = dialogOf("log-proof", say.close);
    const now = element("p", "now-is");
    const shown = element("p", "shown");
    const moved = element("button", "moved", "");
    moved.type = "button";
    moved.hidden = true;
    write(moved, `${say.log_proof_moved} · ${say.log_proof_refresh}`);
    moved.addEventListener("click", () => prove(asked.sku, asked.field, asked.location));
    const list = element("ol", "changes");
    list.setAttribute("aria-label", say.log_proof_changes);
    const end = element("p", "summary");
    end.setAttribute("role", "status");
    const more = element("button", "more", say.log_proof_more);
    more.type = "button";
    more.addEventListener("click", () => read(asked.next));
    const alarm = element("p", "alarm");
    alarm.setAttribute("role", "alert");
    body.append(now, shown, moved, list, end, more, alarm);
    room.listen((changes) => {
      if (dialog.open && asked && (changes.all || changes.items.has(asked.sku))) moved.hidden = false;
    });
    return { dialog, title, now, shown, moved, list, end, more, alarm };
  }

  function change(entry) {
    const line = element("li", "change");
    const step = element("p", "step number");
    const signed = element("b", "delta");
    step.append(element("span", "unseen"), element("span", "before"), " → ", element("strong", "after"), " ", signed);
    const opener = element("button", "said");
    opener.type = "button";
    opener.setAttribute("aria-expanded", "false");
    opener.append(element("span", "text"), element("small", "by"));
    const details = element("div", "details");
    details.hidden = true;
    opener.addEventListener("click", async () => {
      details.hidden = !details.hidden;
      opener.setAttribute("aria-expanded", !details.hidden);
      if (details.hidden || details.childElementCount) return;
      const { body: found, detail } = await ask(`/log/${entry.seq}`, {});
      details.replaceChildren(...(found ? [fieldsOf(found, desk), copyButton(found, say)] : [element("p", "alarm", detail)]));
    });
    line.append(step, opener, details);
    return line;
  }

  function fillChange(line, entry) {
    const delta = entry.after - (entry.before ?? entry.after);
    const part = (name) => line.querySelector(`.${name}`);
    write(part("before"), entry.before ?? "?");
    write(part("after"), entry.after);
    write(part("unseen"), fill(say.log_proof_step, { before: entry.before ?? "?", after: entry.after }));
    write(part("delta"), entry.before === null ? "" : `${SIGN[Math.sign(delta)]}${Math.abs(delta)}`);
    line.dataset.way = Math.sign(delta);
    write(part("text"), entry.text);
    write(part("by"), `${clock.time(entry.at)} · ${entry.who} · #${entry.seq}`);
  }

  async function read(before) {
    const mine = asked;
    parts.more.disabled = true;
    const { sku, field, location } = mine;
    const { body, detail } = await ask("/proof", { sku, field, location, before });
    if (mine !== asked) return;
    parts.more.disabled = false;
    write(parts.alarm, detail);
    if (!body) return;
    write(parts.title, fill(say.log_proof, { number: body.number }));
    if (!before) write(parts.now, fill(say.log_proof_now, { n: body.now, seq: body.seq }));
    write(parts.shown, body.shown === body.now ? "" : fill(say.log_proof_frozen, { n: body.shown }));
    mine.changes.push(...body.changes);
    mine.next = body.next;
    keepChildren(parts.list, mine.changes, { key: ({ seq }) => seq, make: change, update: fillChange });
    parts.more.hidden = body.next === null;
    write(parts.end, body.next === null ? ending(body, mine) : "");
  }

  function ending(body, { changes }) {
    if (body.complete) return changes.length ? say.log_proof_complete : fill(say.log_proof_none, { n: body.now });
    return fill(say.log_proof_trimmed, { n: body.held_from });
  }

  function prove(sku, field, location) {
    parts ??= made();
    asked = { sku, field, location, changes: [], next: null };
    write(parts.title, fill(say.log_proof, { number: itemName(desk, sku) }));
    for (const part of [parts.shown, parts.end, parts.alarm]) write(part, "");
    write(parts.now, say.log_loading);
    parts.list.replaceChildren();
    [parts.moved.hidden, parts.more.hidden] = [true, true];
    if (!parts.dialog.open) parts.dialog.showModal();
    return read();
  }

  return prove;
}
