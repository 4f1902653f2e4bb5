// The plan read again: first what would change and what stays, with its reason, then on a yes.

import { element, fill } from "../dom.js";
import { openDialog } from "./form.js";

/** `reload()` asks for the difference and shows it. */
export function reloadOf(desk, history) {
  const { words: say } = desk;
  const why = (part) => (desk.lang === "zh-CN" ? part.detail_zh : part.detail);
  const listOf = (className, title, lines) => {
    const section = element("section", className);
    section.append(element("h3", "", title));
    const list = element("ul");
    for (const [name, text] of lines) {
      const line = element("li");
      line.append(element("code", "", name), element("span", "", text));
      list.append(line);
    }
    section.append(list);
    return section;
  };

  function draw(place, { applied = [], refused = [], dry_run: dry }) {
    const changes = applied.map(({ part, fields = [], seq }) => [part, [fields.join(say.comma), seq && `#${seq}`].filter(Boolean).join(" ")]);
    const parts = [];
    if (changes.length) parts.push(listOf("applied", fill(dry ? say.reload_would : say.reload_did, { n: changes.length }), changes));
    if (refused.length) parts.push(listOf("kept", fill(say.reload_kept, { n: refused.length }), refused.map((each) => [each.part, why(each)])));
    if (!parts.length) parts.push(element("p", "", say.reload_same));
    place.replaceChildren(...parts);
  }

  return async function reload() {
    const dry = await desk.send({ type: "plan.reload", dry_run: true });
    if (!dry.ok) {
      history.tell(dry.text, "refused");
      return;
    }
    const { dialog, open, close } = openDialog("reload", desk.registry.title("plan.reload"));
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
    yes.addEventListener("click", async () => {
      yes.disabled = true;
      const { ok, text, outcome } = await desk.send({ type: "plan.reload" });
      yes.disabled = false;
      alarm.textContent = text;
      if (!ok) return;
      yes.hidden = true;
      draw(place, outcome);
      no.focus();
    });
    keys.append(no, yes);
    draw(place, dry.outcome);
    dialog.append(place, alarm, keys);
    open();
    no.focus();
  };
}
