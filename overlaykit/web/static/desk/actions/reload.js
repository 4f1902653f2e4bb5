// The plan read again: first what would change and what stays, with its reason, then on a yes.

import { openDialog } from "../dialog.js";
import { element, fill } from "../dom.js";
import { onPress } from "../press.js";

/** `reload()` asks for the difference and shows it. */
export function reloadOf(desk, history) {
  const { words: say, room } = desk;
  const said = (part) => (desk.lang === "zh-CN" ? part.detail_zh : part.detail);
  // What changes are items. A new one is not in the room yet: its title stands in what is said of it.
  const nameOf = ({ part }) => element("b", "", room.title(part.replace(/^item\./, "")));
  const listOf = (className, title, lines) => {
    const section = element("section", className);
    section.append(element("h3", "", title));
    const list = element("ul");
    for (const [name, text] of lines) {
      const line = element("li");
      line.append(name, element("span", "", text));
      list.append(line);
    }
    section.append(list);
    return section;
  };

  function draw(place, { applied = [], refused = [], dry_run: dry }) {
    const changes = applied.map((each) => [nameOf(each), [said(each), each.seq && `#${each.seq}`].filter(Boolean).join(" ")]);
    const parts = [];
    if (changes.length) parts.push(listOf("applied", fill(dry ? say.reload_would : say.reload_did, { n: changes.length }), changes));
    if (refused.length) parts.push(listOf("kept", fill(say.reload_kept, { n: refused.length }), refused.map((each) => [element("code", "", each.part), said(each)])));
    if (!parts.length) parts.push(element("p", "", say.reload_same));
    place.replaceChildren(...parts);
  }

  return async function reload() {
    const dry = await desk.send({ type: "plan.reload", dry_run: true });
    if (!dry.ok) {
      history.tell(dry.text, "refused");
      return;
    }
    const { body, open, close } = openDialog("reload", desk.registry.title("plan.reload"));
    const place = element("div", "difference");
    place.setAttribute("aria-live", "polite");
    const alarm = element("p", "alarm");
    alarm.setAttribute("role", "alert");
    const keys = element("div", "keys");
    const no = element("button", "no", say.close);
    const yes = element("button", "yes", say.reload_apply);
    for (const each of [no, yes]) each.type = "button";
    no.addEventListener("click", () => close(null));
    yes.hidden = !(dry.outcome.applied ?? []).length;
    onPress(yes, alarm, async () => {
      const answer = await desk.send({ type: "plan.reload" });
      if (answer.ok) {
        draw(place, answer.outcome);
        no.focus();
        yes.hidden = true;
      }
      return answer;
    });
    keys.append(no, yes);
    draw(place, dry.outcome);
    body.append(place, alarm, keys);
    open();
    no.focus();
  };
}
