// What was done from this page, and the way back: a toast for ten seconds, and the last twenty, kept over a reload.

import { element, fill, keepChildren, write } from "../dom.js";
import { confirmed } from "./form.js";

const KEPT = 20;
const SHOWN_FOR = 10_000;
const SHOWN_AT_ONCE = 3;

/**
 * `add(id, steps)`: an action was done; `steps`: [{command, before, about, outcome}]. `waitsFor(answer)`: one is under way, until that
 * promise of {ok} is kept; gives it. `undo(entry)` leads back, `undoLast()` what was done last. `tell(text, kind)` shows a toast.
 * `entries()` gives them, the last first; `listen(listener)`.
 */
export function historyOf(desk) {
  const { words: say, room } = desk;
  const key = `overlaykit.done.${desk.session}`;
  const listeners = [];
  const undoing = new Set();
  let underWay = null; // the promise of the last action that has no answer yet
  const toasted = new WeakMap(); // entry → the toast that offers its way back
  const toasts = element("div", "toasts");
  toasts.setAttribute("role", "status");
  document.body.append(toasts);
  let entries = remembered(key);

  const actionOf = (entry) => desk.registry.get(entry.id);
  const titleOf = (entry) => [desk.registry.title(entry.id), ...new Set(entry.steps.map(({ about }) => about))].filter(Boolean).join(" · ");

  function keep() {
    entries = entries.slice(0, KEPT);
    try {
      sessionStorage.setItem(key, JSON.stringify(entries));
    } catch {
      // a browser that keeps nothing
    }
    for (const listener of listeners) listener();
  }

  function add(id, steps) {
    const entry = { id, steps, at: steps.at(-1).outcome.seq ?? room.seq, undone: false };
    entries.unshift(entry);
    keep();
    toast(`${fill(say.done, { what: titleOf(entry) })}${numbers(steps)}`, "done", undoable(entry) ? entry : null);
  }

  /** What the engine says of the units now. */
  function numbers(steps) {
    const [item] = Object.values(Object.assign({}, ...steps.map(({ outcome }) => outcome.items ?? {})));
    const waits = steps.some(({ outcome }) => outcome.unconfirmed);
    return (item ? fill(say.done_numbers, { available: item.available }) : "") + (waits ? say.done_unconfirmed : "");
  }

  function wayBack(entry) {
    const { undo } = actionOf(entry) ?? {};
    if (!undo || entry.undone) return [];
    if (entry.rest) return entry.rest;
    const found = [...entry.steps].reverse().map(({ command, before, outcome }) => undo.back(command, before, outcome));
    return found.includes(null) ? [] : found.flat();
  }
  const undoable = (entry) => desk.may && wayBack(entry).length > 0;

  /** Whether what the steps left behind is not there any more: somebody has changed it since. */
  async function changedSince(entry) {
    const { undo } = actionOf(entry);
    const compared = undo.compared ?? JSON.stringify;
    const same = undo.same ?? ((now, wanted) => compared(now) === compared(wanted));
    for (const { command, outcome } of entry.steps) {
      const wanted = undo.after(command, outcome);
      if (wanted === undefined) continue;
      const now = await (undo.now ? undo.now(command) : undo.before(command, room));
      if (!same(now, wanted)) return true;
    }
    return false;
  }

  /** Leads back, once: whoever presses again while it is under way, by a key or on another button, asks for nothing more. */
  async function undo(entry) {
    if (undoing.has(entry)) return;
    undoing.add(entry);
    try {
      await ledBack(entry);
    } finally {
      undoing.delete(entry);
    }
  }

  async function ledBack(entry) {
    await room.reached(Math.max(0, ...entry.steps.map(({ outcome }) => outcome.seq ?? 0)));
    const commands = wayBack(entry);
    if (!commands.length) return tell(say.undo_none, "refused");
    const title = fill(say.undo_what, { what: titleOf(entry) });
    if (!entry.rest && (await changedSince(entry)) && !(await confirmed(say, title, say.undo_changed, { label: say.undo_anyway }))) return undefined;
    entry.undone = true;
    toasted.get(entry)?.remove();
    keep(); // a page that is loaded anew meanwhile does not offer it again
    for (const [place, command] of commands.entries()) {
      const answer = await desk.send(command);
      if (answer.ok) continue;
      [entry.undone, entry.rest] = [false, commands.slice(place)]; // what has been led back is not led back again
      keep();
      return tell(answer.text, "refused");
    }
    return toast(fill(say.undone, { what: titleOf(entry) }), "done", null);
  }

  function toast(text, kind, entry) {
    const made = element("div", `toast ${kind}`);
    made.append(element("p", "", text));
    if (entry) {
      toasted.set(entry, made);
      const button = element("button", "undo", say.undo);
      button.type = "button";
      button.addEventListener("click", () => {
        made.remove();
        undo(entry);
      });
      made.append(button);
    }
    const close = element("button", "close", "×");
    close.type = "button";
    close.setAttribute("aria-label", say.close);
    close.addEventListener("click", () => made.remove());
    made.append(close);
    toasts.append(made);
    const idle = [...toasts.children].filter((each) => each !== made && !each.matches(":hover, :focus-within")); // one somebody is about to press stays
    for (const each of idle.slice(0, Math.max(0, toasts.children.length - SHOWN_AT_ONCE))) each.remove();
    let left = setTimeout(() => made.remove(), SHOWN_FOR);
    for (const kind of ["pointerenter", "focusin"]) made.addEventListener(kind, () => clearTimeout(left));
    for (const kind of ["pointerleave", "focusout"]) {
      made.addEventListener(kind, () => {
        clearTimeout(left);
        left = setTimeout(() => made.remove(), SHOWN_FOR);
      });
    }
  }
  const tell = (text, kind) => toast(text, kind, null);

  async function waitsFor(answer) {
    underWay = answer;
    try {
      return await answer;
    } finally {
      if (underWay === answer) underWay = null;
    }
  }

  /** What was pressed last is meant, also while its answer is on its way. Where that is no, it has been told, and nothing before it is undone. */
  async function undoLast() {
    if (underWay && !(await underWay).ok) return undefined;
    const entry = entries.find(({ undone }) => !undone);
    if (!entry) return tell(say.undo_none, "refused");
    return undoable(entry) ? undo(entry) : tell(fill(say.undo_not, { what: titleOf(entry) }), "refused");
  }

  return {
    add, waitsFor, undo, undoLast, tell, undoable, titleOf,
    entries: () => entries,
    listen: (listener) => listeners.push(listener),
  };
}

function remembered(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? [];
  } catch {
    return [];
  }
}

/** The list of them in the column "now". */
export function historyNow(section, { history, words: say }) {
  const list = section.querySelector("ul");
  function made(entry) {
    const line = element("li");
    const button = element("button", "undo", say.undo);
    button.type = "button";
    button.addEventListener("click", () => history.undo(history.entries().find((each) => each.at === entry.at && each.id === entry.id)));
    line.append(element("span", "what"), element("small", "number", `#${entry.at}`), button);
    return line;
  }
  function update(line, entry) {
    write(line.querySelector(".what"), history.titleOf(entry));
    line.querySelector("button").hidden = !history.undoable(entry);
    line.dataset.undone = entry.undone;
  }
  const show = () => {
    section.hidden = history.entries().length === 0;
    keepChildren(list, history.entries(), { key: ({ id, at }) => `${id} ${at}`, make: made, update });
  };
  history.listen(show);
  let drawn = false;
  return {
    show(changes) {
      if (drawn && !changes.all) return;
      drawn = true;
      show();
    },
  };
}
