// The focus is never nowhere. What had it may be taken away, hidden or switched off by its own press or by what the room says: then what is
// nearest to it has the focus, and whoever works by keyboard goes on from there.

const LAYERS = "dialog, .toast"; // what lies over the page: from there one comes back to where one was

const gone = (node) => !node.isConnected || node.disabled || node.closest("[hidden]") !== null;
const isSeen = (node) => node.getClientRects().length > 0;

/** From `node` up to the body: [node, the next beside it, the one before]. */
function pathOf(node) {
  const path = [];
  for (let at = node; at && at !== document.body; at = at.parentElement) path.push([at, at.nextElementSibling, at.previousElementSibling]);
  return path;
}

/** Where in a part of the page one goes on: at its heading, where it has one. Null where nothing is to be seen. */
function landing(part) {
  if (part.matches("ul, ol") || !isSeen(part)) return null;
  const heading = part.matches("section, dialog") ? part.querySelector("h2, h3") : null;
  return heading && isSeen(heading) ? heading : part;
}

/** What has the focus after what `held` tells of; null for nothing. */
function heirOf(held) {
  if (held === null || !gone(held.node)) return held && held.node;
  for (const [at, next, previous] of held.path) {
    if (at === held.layer && gone(at)) return heirOf(held.under);
    const heir = gone(at) ? [next, previous].find((each) => each?.matches("li") && !gone(each) && isSeen(each)) : landing(at);
    if (heir) return heir;
  }
  return null;
}

/** Keeps it so on this page; `otherwise()` has the focus after a toast to which one came from nowhere. */
export function keepFocus(otherwise) {
  let held = null; // {node, path, layer: in which of LAYERS, under: the same of what had it before that was opened}

  function hold(node, before) {
    if (before === null && held && !gone(held.node)) held = null; // whoever had pressed beside everything comes from nowhere
    const layer = node.closest(LAYERS);
    const same = held?.layer && (held.layer === layer || held.layer.matches(".toast"));
    held = { node, path: pathOf(node), layer, under: layer && (same ? held.under : held) };
  }

  function look() {
    if (held === null) return;
    if (!gone(held.node)) {
      held.path = pathOf(held.node);
      return;
    }
    const lost = held;
    if (document.activeElement !== document.body && document.activeElement !== lost.node) return;
    held = null;
    const heir = heirOf(lost) ?? (lost.layer?.matches(".toast") ? otherwise() : null);
    if (!heir) return;
    if (heir.tabIndex < 0) heir.tabIndex = -1;
    heir.focus({ preventScroll: true });
  }

  /** Whoever presses beside everything has left it. */
  function left() {
    if (held && !gone(held.node) && document.activeElement === document.body) held = null;
  }

  document.addEventListener("focusin", ({ target, relatedTarget }) => hold(target, relatedTarget));
  document.addEventListener("focusout", () => setTimeout(left));
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributeFilter: ["hidden", "disabled"] });
}
