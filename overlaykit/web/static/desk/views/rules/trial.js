// What a rule would do now, without its being done.

import { element, fill } from "../../dom.js";
import { request } from "../../press.js";

/** `show(part, rule, sku)` asks what `rule` would do now and writes it into `part`; gives {ok, text}, as `send` does. */
export function trials({ words: say, session, lang, room }) {
  function valueText(name, value) {
    if (name === "level") return say[`level_${value}`] ?? value;
    const seconds = name === "seconds" ? /^([0-9]+)s?$/.exec(value) : null;
    if (seconds) return fill(say.seconds_long, { n: seconds[1] });
    return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  }

  function checkLine({ check, right, why }) {
    const line = element("li", right ? "right" : "wrong");
    line.append(element("b", "", `${right ? "✓" : "✗"} ${say[`trial_check_${check}`]}`), ` ${why}`);
    return line;
  }

  function actionLine({ action, arguments: given, seconds, becomes, why }) {
    const line = element("li", becomes);
    const head = element("p", "what");
    head.append(element("b", "", (say[`action_${action}`] ?? say[`trial_action_${action}`] ?? action).replace(/[:：]$/, "")));
    if (seconds) head.append(element("small", "", fill(say.trial_after, { n: seconds })));
    head.append(element("em", "", say[`trial_${becomes}`]));
    line.append(head);
    for (const [name, value] of Object.entries(given)) {
      const pair = element("p", "given");
      pair.append(element("small", "", say[`trial_given_${name}`] ?? name), element("span", "", valueText(name, value)));
      line.append(pair);
    }
    if (why) line.append(element("p", "why-not", why));
    return line;
  }

  return async function show(part, rule, sku) {
    const address = `/desk/rules/${encodeURIComponent(rule)}/try?${new URLSearchParams({ session, lang })}`;
    const answer = await request("POST", address, sku ? { sku } : {}, say);
    part.replaceChildren();
    part.hidden = !answer.ok;
    if (!answer.ok) return answer;
    const { sku: about, fires, waits, checks, actions, seq } = answer.outcome;
    const title = about === null ? say.trial_room : room.title(about);
    const verdict = !fires ? say.trial_held : waits === null ? say.trial_fires : say.trial_waits;
    part.append(element("p", "trial-head", fill(verdict, { title, seq, n: Math.ceil(waits) })));
    const conditions = element("ul", "checks");
    conditions.append(...checks.map(checkLine));
    const does = element("ol", "does");
    does.append(...actions.map(actionLine));
    part.append(conditions, element("p", "trial-does", say.trial_does), does, element("small", "", say.trial_nothing_done));
    return answer;
  };
}
