// One entry with all that it says, in a dialog.

import { itemName } from "../../actions/about.js";
import { element, fill, write } from "../../dom.js";
import { copiesOnClick } from "../../press.js";
import { logAsker } from "./asking.js";

/** A dialog of its own on the page: its body and its title. It says itself when it is closed, and goes by Escape. */
export function dialogOf(className, closing) {
  const dialog = element("dialog", `log-dialog ${className}`);
  const head = element("div", "head");
  const title = element("h2", "");
  title.id = `${className}-title`;
  dialog.setAttribute("aria-labelledby", title.id);
  const close = element("button", "close", closing);
  close.type = "button";
  close.addEventListener("click", () => dialog.close());
  const body = element("div", "body");
  head.append(title, close);
  dialog.append(head, body);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  document.body.append(dialog);
  return { dialog, title, body };
}

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
  const ask = logAsker(desk);
  const { dialog, title, body } = dialogOf("log-entry", say.close);
  // An address that names the entry would not open it again while it stays.
  dialog.addEventListener("close", () => location.hash.startsWith("#log/") && history.replaceState(null, "", "#log"));

  function action(text, act) {
    const button = element("button", "", text);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  function actions(found) {
    const row = element("p", "actions");
    const leave = (act) => () => {
      dialog.close();
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

  async function open(seq) {
    write(title, fill(say.log_entry, { n: seq }));
    body.replaceChildren(element("p", "summary", say.log_loading));
    if (!dialog.open) dialog.showModal();
    const { body: found, detail } = await ask(`/log/${seq}`, {});
    if (!found) {
      body.replaceChildren(element("p", "alarm", detail));
      return;
    }
    const text = element("p", "said", found.text);
    text.dataset.emphasis = found.emphasis;
    body.replaceChildren(text, fieldsOf(found, desk), actions(found));
  }

  return open;
}
