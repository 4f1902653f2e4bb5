// Dialogs: one way to open them, to leave them, and to be where one was before.

import { element, nextId } from "./dom.js";

/**
 * A dialog: {dialog, heading, body, open(), close(value), closed}. `closed` is a promise of the value with which it was closed, null when
 * it was left by Escape; then it is gone from the page, and the focus is where it was.
 *
 * `closing`: what the button says that closes one to read in. `beside`: whether a click beside it closes it, too; what is written in a form
 * would be lost by that.
 */
export function openDialog(className, title = "", { closing = null, beside = closing !== null } = {}) {
  const dialog = element("dialog", `ask${closing === null ? "" : " to-read"} ${className}`);
  const [head, heading, body] = [element("div", "head"), element("h2", "", title), element("div", "body")];
  heading.id = nextId("title");
  dialog.setAttribute("aria-labelledby", heading.id);
  head.append(heading);
  dialog.append(head, body);
  if (closing !== null) {
    const button = element("button", "close", closing);
    button.type = "button";
    button.addEventListener("click", () => dialog.close());
    head.append(button);
  }
  if (beside) dialog.addEventListener("click", (event) => isBeside(dialog, event) && dialog.close());
  document.body.append(dialog);
  const before = document.activeElement;
  let result = null;
  const closed = new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
      done(result);
    });
  });
  return {
    dialog, heading, body, closed,
    open: () => dialog.showModal(),
    close(value) {
      result = value;
      dialog.close();
    },
  };
}

// Its own padding is the dialog's, too.
function isBeside(dialog, { target, clientX: x, clientY: y }) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return target === dialog && (x < left || x > right || y < top || y > bottom);
}
