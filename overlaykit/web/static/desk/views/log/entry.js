// One entry with all that it says, in a dialog.

import { itemName } from "../../actions/about.js";
import { openDialog } from "../../dialog.js";
import { element, fill, write } from "../../dom.js";
import { copiesOnClick } from "../../press.js";

/** The fields of an entry: what they are called and what they say. */
export function fieldsOf(found, desk) {
  const { words: say, timezone } = desk;
  const list = element("dl", "fields");
  const add = (label, text) => list.append(element("dt", "", label), element("dd", "", text));
  // Swedish is how a browser writes 2026-11-11 20:00:00.
  const moment = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "medium" });
  add(say.log_when, moment.format(Date.parse(found.at)));
  add(say.log_by, found.who === found.source ? found.who : `${found.who} · ${found.source}`);
  for (const { label, text } of found.details) add(label, text);
  return list;
}

/** A button that puts the entry on the clipboard as the ledger has it. */
export function copyButton(found, say) {
  return copiesOnClick(element("button", "copy", say.log_copy), say, () => JSON.stringify(found.entry, null, 2));
}

/** `open(seq)` shows an entry. `only({sku} or {order})` lets the log show nothing but what is about it. */
export function entryDialog(desk, only) {
  const { words: say } = desk;
  let shown = null; // the dialog while it is open
  let asking = 0;

  function action(text, act) {
    const button = element("button", "", text);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  function actions(found) {
    const row = element("p", "actions");
    const leave = (act) => () => {
      shown.close(null);
      act();
    };
    if (found.entry.cause) row.append(action(fill(say.log_cause, { n: found.entry.cause }), () => open(found.entry.cause)));
    if (found.order) row.append(action(fill(say.log_only_order, { order: found.order }), leave(() => only({ order: found.order }))));
    for (const sku of found.skus.slice(0, 3)) {
      const item = itemName(desk, sku);
      row.append(action(fill(say.log_only_item, { item }), leave(() => only({ sku }))));
      row.append(action(fill(say.log_prove, { item }), leave(() => desk.proveNumber(sku, "available"))));
    }
    row.append(copyButton(found, say));
    return row;
  }

  function opened() {
    const made = openDialog("log-dialog log-entry", "", { closing: say.close });
    made.closed.then(() => {
      if (shown !== made) return;
      shown = null;
      // An address that names the entry would not open it again while it stays.
      if (location.hash.startsWith("#log/")) history.replaceState(null, "", "#log");
    });
    made.open();
    return made;
  }

  async function open(seq) {
    if (!shown?.dialog.open) shown = opened();
    const [mine, asked] = [shown, (asking += 1)];
    write(mine.heading, fill(say.log_entry, { n: seq }));
    mine.body.replaceChildren(element("p", "summary", say.log_loading));
    const { body: found, text } = await desk.ask(`${desk.api}/log/${seq}`, { locale: desk.lang });
    if (asked !== asking) return; // another one is wanted by now
    if (!found) {
      mine.body.replaceChildren(element("p", "alarm", text));
      return;
    }
    const said = element("p", "said", found.text);
    said.dataset.emphasis = found.emphasis;
    mine.body.replaceChildren(said, fieldsOf(found, desk), actions(found));
  }

  return open;
}
