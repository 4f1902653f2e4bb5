// Small steps on the page. Everything from outside is written as text, never as markup.

/** The words of `text` with `{name}` replaced by `values.name`; `{n|item|items}` is a number, and what there are that many of. */
export const fill = (text, values) =>
  text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, name, one, more) => (one === undefined ? values[name] : `${values[name]} ${String(values[name]) === "1" ? one : more}`));

export function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

let ids = 0;

/** An id that nothing else on the page has. */
export const nextId = (name) => `${name.replace(/\W/g, "-")}-${(ids += 1)}`;

export function write(node, text) {
  if (node && node.textContent !== String(text)) node.textContent = text;
}

/**
 * Gives `parent` one child for each of `entries`, in their order, after those that were not made here. A child is made once for its key
 * and updated from then on, so that what is being pressed, opened or selected in it stays as it is; the one that has the focus stays in
 * its place, and the others are put around it.
 */
export function keepChildren(parent, entries, { key, make, update }) {
  const kept = [...parent.children].filter((child) => child.dataset.key !== undefined);
  const there = new Map(kept.map((child) => [child.dataset.key, child]));
  const wanted = entries.map((entry) => {
    const name = String(key(entry));
    const child = there.get(name) ?? make(entry);
    there.delete(name);
    child.dataset.key = name;
    update(child, entry);
    return child;
  });
  const after = kept.at(-1)?.nextElementSibling ?? null;
  for (const gone of there.values()) gone.remove();
  const still = wanted.find((child) => child.contains(document.activeElement)); // a node that is moved loses the focus
  let next = kept.find((child) => child.parentElement === parent) ?? after;
  for (const child of wanted) {
    while (child === still && next !== still) {
      const before = next;
      next = next.nextElementSibling;
      still.after(before);
    }
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

/**
 * Does `change`, which may take away what has the focus. Then the one of `selector` in `parent` that came into its place has it, else the
 * last; without any, `otherwise`.
 */
export function focusStays(parent, selector, otherwise, change) {
  const seen = () => [...parent.querySelectorAll(selector)].filter((each) => each.offsetParent);
  const focused = document.activeElement;
  const place = seen().findIndex((each) => each.contains(focused));
  change();
  if (place < 0 || (focused.isConnected && focused.offsetParent)) return;
  const there = seen();
  const heir = there[Math.min(place, there.length - 1)] ?? otherwise;
  heir.tabIndex = -1;
  heir.focus();
}

/** Gives `parent` these children; what did not change stays as it is: it may be selected, or read aloud. */
export function replaceChanged(parent, wanted) {
  wanted.forEach((each, place) => {
    const there = parent.childNodes[place];
    if (!there) parent.append(each);
    else if (!there.isEqualNode(each)) there.replaceWith(each);
  });
  while (parent.childNodes.length > wanted.length) parent.lastChild.remove();
}
