// Brings the page's markup to what the server rendered, keeping every node that stays, so that CSS transitions show the change.
import { Idiomorph } from "./idiomorph/idiomorph.esm.js";
import { enter, keepLeaving, leaving, OURS } from "./passage.js";

const SVG = "http://www.w3.org/2000/svg";
const parser = document.createElement("template");
const options = {
  morphStyle: "innerHTML",
  restoreFocus: false,
  callbacks: {
    afterNodeAdded: enter,
    beforeNodeRemoved: (node) => !keepLeaving(node),
    beforeAttributeUpdated: (name) => !OURS.has(name),
  },
};
let parts = new Map();

/** Makes the children of `root` say `html`. */
export function paint(root, html) {
  parser.innerHTML = html;
  const fresh = parser.content;
  giveIds(fresh);
  const changes = [];
  if (alike(root, fresh, changes)) changes.forEach((change) => change());
  else Idiomorph.morph(root, [...fresh.childNodes], options);
  parts = new Map();
}

/** Makes the live part `key` say `html`. Returns whether the picture has that part. */
export function paintPart(root, key, html) {
  const part = find(root, key);
  if (!part) return false;
  const fresh = parsed(html, part.namespaceURI);
  giveIds(fresh.parentNode);
  const changes = [];
  if (same(part, fresh, changes)) changes.forEach((change) => change());
  else Idiomorph.morph(part, fresh, { ...options, morphStyle: "outerHTML" });
  return true;
}

/** A key is an id to the morph: two nodes with different keys are never taken for the same one. */
export function giveIds(within) {
  for (const node of within.querySelectorAll("[data-key]")) if (!node.id) node.id = "key:" + node.dataset.key;
}

function find(root, key) {
  const kept = parts.get(key);
  if (kept?.isConnected && kept.dataset.live === key) return kept;
  const found = root.querySelector(`[data-live="${CSS.escape(key)}"]`);
  if (found) parts.set(key, found);
  return found;
}

function parsed(html, namespace) {
  parser.innerHTML = namespace === SVG ? `<svg>${html}</svg>` : html;
  const first = parser.content.firstElementChild;
  return namespace === SVG ? first.firstElementChild : first;
}

// Nearly every frame changes texts and attributes, and now and then a node comes or goes. Then nothing has to be searched: both
// trees are walked side by side. Returns false where nodes have moved, or cannot be told apart: that is the library's work.
function alike(before, after, changes) {
  const were = staying(before), are = [...after.childNodes];
  if (were.length === are.length && were.every((node, index) => matches(node, are[index]))) {
    return were.every((node, index) => same(node, are[index], changes));
  }
  const pairs = paired(were, are);
  return pairs !== null && pairs.every(([old, fresh, next]) => {
    if (old && fresh) return same(old, fresh, changes);
    changes.push(old ? () => keepLeaving(old) || old.remove() : () => { before.insertBefore(fresh, next); enter(fresh); });
    return true;
  });
}

// [old, fresh, the old node that follows]: without fresh it goes, without old it comes. Null: nobody can say which is which.
function paired(were, are) {
  const past = ids(were), present = ids(are), pairs = [];
  let i = 0, j = 0;
  while (i < were.length || j < are.length) {
    const old = were[i], fresh = are[j];
    if (matches(old, fresh)) pairs.push([were[i++], are[j++], null]);
    else if (old && (old.id ? !present.has(old.id) : !fresh || matches(were[i + 1], fresh))) pairs.push([were[i++], null, null]);
    else if (fresh && (fresh.id ? !past.has(fresh.id) : !old || matches(old, are[j + 1]))) pairs.push([null, are[j++], old ?? null]);
    else return null;
  }
  return pairs;
}

function matches(old, fresh) {
  return Boolean(old && fresh) && old.nodeName === fresh.nodeName && (old.id || "") === (fresh.id || "");
}

function ids(nodes) {
  return new Set(nodes.map((node) => node.id).filter(Boolean));
}

function same(before, after, changes) {
  if (!matches(before, after)) return false;
  if (before.nodeType !== Node.ELEMENT_NODE) {
    if (before.nodeValue !== after.nodeValue) changes.push(() => { before.nodeValue = after.nodeValue; });
    return true;
  }
  for (const { name, value } of after.attributes) {
    if (before.getAttribute(name) !== value) changes.push(() => before.setAttribute(name, value));
  }
  for (const { name } of before.attributes) {
    if (!after.hasAttribute(name) && !OURS.has(name)) changes.push(() => before.removeAttribute(name));
  }
  return alike(before, after, changes);
}

function staying(node) {
  return [...node.childNodes].filter((child) => !leaving.has(child));
}
