// Small steps on the page. Everything from outside is written as text, never as markup.

/** The words of `text` with `{name}` replaced by `values.name`. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

export function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

export function write(node, text) {
  if (node && node.textContent !== String(text)) node.textContent = text;
}

/**
 * Gives `parent` one child for each of `entries`, in their order, after those that were not made here. A child is made once for its key
 * and updated from then on, so that what is being pressed, opened or selected in it stays as it is.
 */
export function keepChildren(parent, entries, { key, make, update }) {
  const kept = [...parent.children].filter((child) => child.dataset.key !== undefined);
  const there = new Map(kept.map((child) => [child.dataset.key, child]));
  let next = kept[0] ?? null;
  for (const entry of entries) {
    const name = String(key(entry));
    let child = there.get(name);
    there.delete(name);
    if (!child) {
      child = make(entry);
      child.dataset.key = name;
    }
    update(child, entry);
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  for (const gone of there.values()) gone.remove();
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

/** Of a text that says the same in both languages, `中文 / English`, the one of the page; any other text as it is. */
export function inLanguage(text, lang) {
  const parts = text.split(" / ");
  if (parts.length !== 2 || !/\p{Script=Han}/u.test(parts[0])) return text;
  return parts[lang === "zh-CN" ? 0 : 1];
}
