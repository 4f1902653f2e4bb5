// What an emergency plan does, and what people do then, as lists.

import { element } from "../../dom.js";
import { said } from "../../language.js";

function list(name, title, lines) {
  const made = element("section", "emergency-list");
  const steps = element(name);
  steps.append(...lines.map((line) => element("li", "", line)));
  made.append(element("h3", "", title), steps);
  return made;
}

/** The nodes that a dialog shows of an emergency plan before it runs. */
export function emergencyLists(say, lang, { consequences, checklist }) {
  const lists = [list("ol", say.emergency_does, consequences.map((each) => said(each, lang)))];
  if (checklist.length) lists.push(list("ol", say.emergency_then, checklist.map((each) => said(each, lang))));
  return lists;
}
