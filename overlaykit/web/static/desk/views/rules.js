// The plan's rules: which are on, when each fired last and why, and a way to fire one by hand.

import { clockText } from "../clock.js";
import { element, fill, keepChildren, replaceChanged, write } from "../dom.js";
import { itemPicker } from "../item_picker.js";
import { inLanguage, said } from "../language.js";
import { onPress } from "../press.js";
import { trials } from "./rules/trial.js";

const SHOWN = 12; // decisions of a rule
const AGAIN_EVERY = 5; // seconds: what is held back changes nothing that the feed tells
const EXPLAINED_EVERY = 1000;

/** The view of them. */
export function rulesView(section, desk) {
  const { plan, words: say, may, send, clock, ask, api, room } = desk;
  const tryRule = trials(desk);
  const list = section.querySelector("ul");
  const summary = section.querySelector(".summary");
  let known = {};
  let reasons = {};
  let asking = 0;
  let explained = "";
  let ticks = 0;

  function byHand(rule, alarm) {
    const details = element("details", "fire");
    const item = itemPicker(desk, say.rule_fire_for, { none: say.item_none });
    const [button, trial] = [element("button", "fire-now", say.rule_fire), element("button", "try", say.rule_try)];
    button.type = trial.type = "button";
    const result = element("div", "trial");
    result.setAttribute("role", "status");
    result.hidden = true;
    onPress(trial, alarm, () => tryRule(result, rule.name, item.value()));
    onPress(button, alarm, () => {
      const sku = item.value();
      return send({ type: "rule.fire", name: rule.name, ...(sku ? { sku } : {}) });
    });
    details.addEventListener("toggle", () => details.open && item.set(room.onAir));
    details.append(element("summary", "", say.rule_by_hand));
    if (rule.per_item) details.append(item.place);
    details.append(trial, button, result);
    return details;
  }

  function made(rule) {
    const card = element("li", "rule");
    const alarm = element("p", "alarm");
    alarm.setAttribute("role", "alert");
    const label = element("label", "head");
    const box = element("input", "");
    box.type = "checkbox";
    box.setAttribute("role", "switch");
    box.disabled = !may;
    box.addEventListener("click", (event) => box.dataset.busy && event.preventDefault()); // not disabled: it would lose the focus
    box.addEventListener("change", async () => {
      box.dataset.busy = "yes";
      const { ok, text, outcome } = await send({ type: "rule.set", name: rule.name, enabled: box.checked });
      alarm.textContent = text;
      if (ok) await room.reached(outcome.seq ?? 0); // until then it stands as it was switched
      delete box.dataset.busy;
      show();
    });
    label.append(box, element("b", "name", rule.name), element("small", "", rule.alert ? say.rule_alert : ""));
    label.append(element("em", "changed"), element("span", "stands"));
    const back = element("button", "back", say.rule_by_plan);
    back.type = "button";
    onPress(back, alarm, () => send({ type: "rule.set", name: rule.name, enabled: null }));
    const when = element("p", "when");
    const trigger = rule.says === null ? element("code", "", rule.when) : element("b", "trigger", said(rule.says, desk.lang));
    trigger.title = rule.when;
    when.append(trigger);
    if (rule.condition) when.append(` ${say.rule_if} `, element("code", "", rule.condition));
    if (rule.sku) when.append(" · ", element("code", "", rule.sku));
    card.append(label, when, element("p", "last"), element("p", "why"), element("p", "held-back"));
    const history = element("details", "history");
    history.append(element("summary", "", say.rule_history), element("ul", ""));
    history.addEventListener("toggle", () => history.open && explain());
    const more = element("div", "more");
    more.append(history);
    if (may) more.append(byHand(rule, alarm));
    if (may) card.append(back);
    card.append(more, alarm);
    return card;
  }

  function last({ fired: count, last_at: at, last_sku: sku }) {
    if (!count) return say.rule_never;
    const said = fill(count === 1 ? say.rule_fired_once : say.rule_fired, { count, at: clock.time(at) });
    return sku === null ? said : `${said} · ${room.title(sku)}`;
  }

  /** [how it stands, in words]: whether it would fire when what it waits for happens. */
  function stands(rule, now) {
    if (!now.enabled) return ["off", say.rule_stands_off];
    if (room.session.status === "closed") return ["over", say.rule_stands_over];
    if (!["live", "frozen"].includes(room.session.status)) return ["waits", say.rule_stands_waits];
    if (rule.once && now.fired && !rule.per_item) return ["spent", say.rule_stands_spent];
    const left = now.last_at ? Math.ceil(rule.cooldown - (clock.now() - Date.parse(now.last_at)) / 1000) : 0;
    if (left > 0) return ["cools", fill(rule.per_item && now.last_sku ? say.rule_stands_cools_item : say.rule_stands_cools, { left: clockText(left), title: room.title(now.last_sku) })];
    return ["armed", say.rule_stands_armed];
  }

  function update(card, rule) {
    const now = known[rule.name] ?? { enabled: rule.enabled, switched: false, fired: 0, last_seq: null };
    card.dataset.on = now.enabled;
    const box = card.querySelector("input");
    if (!box.dataset.busy) box.checked = now.enabled;
    write(card.querySelector(".changed"), now.switched ? say.rule_changed : "");
    const back = card.querySelector(".back");
    if (back) back.hidden = !now.switched;
    write(card.querySelector(".last"), last(now));
    const mark = card.querySelector(".stands");
    const [state, words] = stands(rule, now);
    mark.dataset.state = state;
    write(mark, words);
    const reason = reasons[rule.name];
    write(card.querySelector(".why"), reason?.last_seq === now.last_seq ? inLanguage(reason.last_why ?? "", desk.lang) : "");
    const decisions = reason?.decisions ?? [];
    const [latest] = decisions;
    write(card.querySelector(".held-back"), latest?.held ? `${clock.time(latest.at)} ${heldText(latest)}` : "");
    card.querySelector(".history").hidden = decisions.length === 0;
    replaceChanged(card.querySelector(".history > ul"), decisions.slice(0, SHOWN).map(decided));
  }

  const decisionText = ({ held }) => (held ? say[`rule_held_${held}`] : say.rule_did_fire);
  const whyOf = ({ why }) => inLanguage(why, desk.lang);
  // Often what became of it says why.
  const aboutText = (decision) => [decision.sku === null ? "" : room.title(decision.sku), decisionText(decision).endsWith(whyOf(decision)) ? "" : whyOf(decision)].filter(Boolean).join(" · ");
  const heldText = (decision) => [decisionText(decision), aboutText(decision)].filter(Boolean).join(" · ");

  function decided(decision) {
    const { at, held } = decision;
    const line = element("li", held ? "held" : "fired");
    line.append(element("time", "", clock.time(at)), element("b", "", decisionText(decision)), aboutText(decision));
    return line;
  }

  function show() {
    keepChildren(list, plan.rules, { key: ({ name }) => name, make: made, update });
    const on = list.querySelectorAll("[data-on=true]").length;
    write(summary, fill(say.rules_on, { on, all: plan.rules.length }));
  }

  // Why each fired last, and what was decided of it lately: at most once in EXPLAINED_EVERY, and always after the last change.
  function explainSoon() {
    asking ||= setTimeout(() => {
      asking = 0;
      explain();
    }, EXPLAINED_EVERY);
  }

  async function explain() {
    const { body: found } = await ask(`${api}/rules`);
    if (!found) return;
    reasons = found.rules;
    if (room.session) show();
  }

  return {
    show(changes) {
      if (!changes.direction && !changes.session) return;
      known = room.direction.rules;
      show();
      const now = JSON.stringify(known);
      if (plan.rules.length && now !== explained) explainSoon();
      explained = now;
    },
    tick() {
      ticks += 1;
      if (room.direction) show();
      if (plan.rules.length && ticks % AGAIN_EVERY === 0) explain();
    },
    opened: () => plan.rules.length && explain(),
  };
}
