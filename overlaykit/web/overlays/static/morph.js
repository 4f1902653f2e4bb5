// Brings the page's markup to what the server rendered, keeping every node that stays, so that CSS transitions show the change.
import { Idiomorph } from "./idiomorph/idiomorph.esm.js";

const parser = document.createElement("template");
const options = { morphStyle: "innerHTML", restoreFocus: false };

/** Makes the children of `root` say `html`. */
export function paint(root, html) {
  parser.innerHTML = html;
  const fresh = parser.content;
  giveIds(fresh);
  const changes = [];
  if (alike(root.childNodes, fresh.childNodes, changes)) changes.forEach((change) => change());
  else Idiomorph.morph(root, [...fresh.childNodes], options);
}

/** A key is an id to the morph: two nodes with different keys are never taken for the same one. */
export function giveIds(within) {
  for (const node of within.querySelectorAll("[data-key]")) if (!node.id) node.id = "key:" + node.dataset.key;
}

// Nearly every frame changes only texts and attributes. Then nothing has to be matched: walk both trees side by side.
function alike(before, after, changes) {
  if (before.length !== after.length) return false;
  for (let index = 0; index < before.length; index++) if (!same(before[index], after[index], changes)) return false;
  return true;
}

function same(before, after, changes) {
  if (before.nodeName !== after.nodeName) return false;
  if (before.nodeType !== Node.ELEMENT_NODE) {
    if (before.nodeValue !== after.nodeValue) changes.push(() => { before.nodeValue = after.nodeValue; });
    return true;
  }
  if (before.id !== after.id) return false;
  for (const { name, value } of after.attributes) {
    if (before.getAttribute(name) !== value) changes.push(() => before.setAttribute(name, value));
  }
  for (const { name } of before.attributes) {
    if (!after.hasAttribute(name)) changes.push(() => before.removeAttribute(name));
  }
  return alike(before.childNodes, after.childNodes, changes);
}
