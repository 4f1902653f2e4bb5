// What an alert says, from its kind and its numbers; and what several of a kind are called together.

import { itemName } from "../../actions/about.js";
import { fill } from "../../dom.js";
import { inLanguage, said } from "../../language.js";

/** What alerts of one group have in common: their kind, or the rule that raised them. */
export const groupOf = ({ kind, params }) => (kind === "rule" ? `rule ${params.rule}` : kind);

/** `text(alert)`, `more(alert)`: the details, line by line; `title(alerts)`: what those of one group are together. */
export function alertWording(desk) {
  const { words: say, plan, clock, lang } = desk;
  const numbers = new Intl.NumberFormat(lang);
  const units = (params) => Object.fromEntries(["units", "old", "new"].filter((name) => Number.isInteger(params[name])).map((name) => [name, numbers.format(params[name])]));
  const channelOf = (name) => plan.channels[name] || name;
  const place = (name) => plan.locations[name] || name;
  const ruleOf = (name) => plan.rules.find((rule) => rule.name === name);

  const triggerOf = ({ says, when }) => (says === null ? when : said(says, lang));

  function values({ sku, params, text, count }) {
    return {
      ...params, ...units(params), count,
      text: text === null ? params.rule : ruleOf(params.rule)?.usual_text ? inLanguage(text, lang) : text,
      title: sku === null ? "" : itemName(desk, sku),
      location: place(params.location),
      channel: channelOf(params.channel),
      why: say[`alert_why_${params.reason}`] ?? params.reason,
      ago: params.since ? clock.since(params.since) : clock.span(Math.abs(params.step_ms ?? 0) / 1000),
    };
  }

  function form({ kind, params }) {
    if (kind === "obs" && !params.connected) return "alert_obs_lost";
    if (kind === "store" && params.from) return "alert_store_lost";
    return `alert_${kind}`;
  }

  // What a plan's alert is about, by its trigger; of others its name says it.
  function ruleForm(name) {
    const when = ruleOf(name)?.when ?? "";
    if (/^sold_out/.test(when)) return "alerts_rule_sold_out";
    if (/^sells_out_in/.test(when)) return "alerts_rule_soon";
    return /^(available|remaining)\b.*</.test(when) ? "alerts_rule_low" : "alerts_rule";
  }

  return {
    text: (alert) => fill(say[form(alert)], values(alert)),
    more: (alert) => (alert.kind === "obs" ? (alert.text ?? "").split("\n").map((line) => inLanguage(line, lang)).join("\n") : ""),
    title(alerts) {
      const [{ kind, params }] = alerts;
      const sum = alerts.reduce((all, alert) => all + (alert.params.units ?? 0), 0);
      const name = ruleOf(params.rule)?.alert ? triggerOf(ruleOf(params.rule)) : params.rule;
      return fill(say[kind === "rule" ? ruleForm(params.rule) : `alerts_${kind}`], { n: alerts.length, sum: numbers.format(sum), name });
    },
  };
}
