// The proof of a number: the entries that changed it, each with the number before and after, in a dialog over whatever is open.

import { itemName } from "../../actions/about.js";
import { openDialog } from "../../dialog.js";
import { element, fill, keepChildren, write } from "../../dom.js";
import { copyButton, fieldsOf } from "./entry.js";

const SIGN = { 1: "+", "-1": "−", 0: "" };

/** `prove(sku, field, location)`: field as the board calls it (available, held, on_hand …), location for one of them alone. */
export function numberProof(desk) {
  const { words: say, room, clock } = desk;
  const numbers = new Intl.NumberFormat(desk.lang);
  const told = (count) => (count === null ? "?" : numbers.format(count));
  let parts = null; // of the dialog that was opened last
  let asked = null;

  room.listen((changes) => {
    if (parts?.dialog.open && (changes.all || changes.items.has(asked.sku))) parts.moved.hidden = false;
  });

  function opened() {
    const { dialog, heading, body, open } = openDialog("log-dialog log-proof", "", { closing: say.close });
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
    more.addEventListener("click", () => more.dataset.busy || read(asked.next));
    const alarm = element("p", "alarm");
    alarm.setAttribute("role", "alert");
    body.append(now, shown, moved, list, end, more, alarm);
    open();
    return { dialog, heading, now, shown, moved, list, end, more, alarm };
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
      const { body: found, text } = await desk.ask(`${desk.api}/log/${entry.seq}`, { locale: desk.lang });
      details.replaceChildren(...(found ? [fieldsOf(found, desk), copyButton(found, say)] : [element("p", "alarm", text)]));
    });
    line.append(step, opener, details);
    return line;
  }

  function fillChange(line, entry) {
    const delta = entry.after - (entry.before ?? entry.after);
    const part = (name) => line.querySelector(`.${name}`);
    write(part("before"), told(entry.before));
    write(part("after"), told(entry.after));
    write(part("unseen"), fill(say.log_proof_step, { before: told(entry.before), after: told(entry.after) }));
    write(part("delta"), entry.before === null ? "" : `${SIGN[Math.sign(delta)]}${told(Math.abs(delta))}`);
    line.dataset.way = Math.sign(delta);
    write(part("text"), entry.text);
    write(part("by"), `${clock.time(entry.at)} · ${entry.who} · #${entry.seq}`);
  }

  async function read(before) {
    const mine = asked;
    parts.more.dataset.busy = "yes"; // not disabled: it would lose the focus
    const { sku, field, location } = mine;
    const { body, text } = await desk.ask(`${desk.api}/proof`, { sku, field, location, before, locale: desk.lang });
    if (mine !== asked) return;
    delete parts.more.dataset.busy;
    write(parts.alarm, text);
    if (!body) return;
    write(parts.heading, fill(say.log_proof, { number: body.number }));
    if (!before) write(parts.now, fill(say.log_proof_now, { n: told(body.now), seq: body.seq }));
    write(parts.shown, body.shown === body.now ? "" : fill(say.log_proof_frozen, { n: told(body.shown) }));
    mine.changes.push(...body.changes);
    mine.next = body.next;
    keepChildren(parts.list, mine.changes, { key: ({ seq }) => seq, make: change, update: fillChange });
    parts.more.hidden = body.next === null;
    write(parts.end, body.next === null ? ending(body, mine) : "");
  }

  function ending(body, { changes }) {
    if (body.complete) return changes.length ? say.log_proof_complete : fill(say.log_proof_none, { n: told(body.now) });
    return body.held_from > 1 ? fill(say.log_trimmed, { n: body.held_from, session: room.session.id }) : fill(say.log_proof_far, { n: body.looked_at });
  }

  function prove(sku, field, location) {
    asked = { sku, field, location, changes: [], next: null };
    if (!parts?.dialog.open) parts = opened();
    write(parts.heading, fill(say.log_proof, { number: itemName(desk, sku) }));
    for (const part of [parts.shown, parts.end, parts.alarm]) write(part, "");
    write(parts.now, say.log_loading);
    parts.list.replaceChildren();
    [parts.moved.hidden, parts.more.hidden] = [true, true];
    return read();
  }

  return prove;
}
