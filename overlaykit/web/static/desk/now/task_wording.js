// What a task says, from its kind and what that is about; a text of the plan's, or to be copied, stays as it is.

import { itemName } from "../actions/about.js";
import { fill } from "../dom.js";
import { inLanguage, said } from "../language.js";

/** The fields of `a = 1, b = "two"`, each value JSON; null where it is not written so, as when it was too long. */
function fieldsOf(given) {
  const fields = new Map();
  let rest = given;
  while (rest) {
    const [, name, from] = /^(\w+) = (.*)$/s.exec(rest) ?? [];
    if (name === undefined) return null;
    const ends = [...from.matchAll(/, (?=\w+ = )|$/g)].map(({ index }) => index);
    const end = ends.find((each) => isJson(from.slice(0, each)));
    if (end === undefined) return null;
    fields.set(name, JSON.parse(from.slice(0, end)));
    rest = from.slice(end + 2);
  }
  return fields;
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** `text(task)`: what to do; `kind(task)`: what it asks of a person; `by(task)`: the rule that opened it, "" for none. */
export function taskWording(desk) {
  const { words: say, plan, lang } = desk;

  /** A rule by its name in the ledger: of an emergency plan its title, of an alert its number. */
  function ruleOf(name) {
    const [family, rest] = [/^(emergency\.|alert-)/.exec(name)?.[0] ?? "", name.replace(/^(emergency\.|alert-)/, "")];
    if (family === "alert-") return `${say.rule_alert} ${rest}`;
    const planned = family && plan.emergencies.find((each) => each.name === rest);
    return planned ? fill(say.step_plan, { title: said(planned.title, lang) }) : name;
  }

  function values({ sku, params }) {
    return {
      ...params,
      channel: plan.channels[params.channel] || params.channel,
      location: plan.locations[params.location] || params.location,
      rule: ruleOf(params.rule ?? ""),
      lines: params.lines || say.task_whole_order,
      why: say[`alert_why_${params.reason}`] ?? params.reason,
      item: sku === null ? "" : itemName(desk, sku),
      more: params.count > 1 ? fill(say.task_in_all, params) : "",
    };
  }

  const actionOf = (name) => say[`action_${name}`] ?? name;

  /** What an action was given, `scene = "Close-up", for = "20s"`: texts as they are, all else with its name. A command of the stock by its title. */
  function actionText(text) {
    const [, name, given] = /^(\S*)\s*(.*)$/s.exec(text);
    const fields = fieldsOf(given);
    if (!fields) return `${actionOf(name)} ${given}`;
    const title = name === "stock" && say[`act_${fields.get("command")}`];
    if (title) fields.delete("command");
    const values = [...fields].map(([field, value]) => (typeof value === "string" ? fill(say.task_given, { text: value }) : `${field} = ${JSON.stringify(value)}`));
    return [title || (values.length ? actionOf(name) : actionOf(name).replace(/:$/, "")), values.join(say.comma)].filter(Boolean).join(" ");
  }

  return {
    text(task) {
      const sentence = say[`task_is_${task.kind}`];
      if (sentence) return fill(sentence, values(task));
      if (task.kind === "usual") return inLanguage(task.text, lang);
      return task.confirm || task.trouble ? actionText(task.text) : task.text;
    },
    kind({ kind, params, trouble, confirm, copy }) {
      if (trouble) return say[`task_${trouble}`];
      if (confirm) return say.task_waits;
      if (kind === "instead") return `${say.task_to_send} · ${actionOf(params.action).replace(/:$/, "")}`;
      return copy ? say.task_to_send : "";
    },
    by: ({ source }) => (source.startsWith("rule:") ? ruleOf(source.slice("rule:".length)) : ""),
  };
}
