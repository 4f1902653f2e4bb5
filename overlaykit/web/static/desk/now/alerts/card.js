// One alert: what is the matter, since when, what may be done about it, and who looks after it.

import { element, fill, keepChildren, write } from "../../dom.js";
import { person } from "../../person.js";
import { onPress } from "../../press.js";

const LATER = [5, 15, 60]; // minutes

/** `make()` a card, `update(card, alert)`. `steps` and `wording` are those of the alerts. */
export function alertCards(desk, wording, steps) {
  const { words: say, may, send, clock } = desk;

  function button(label, run, alarm, className = "") {
    const made = element("button", className, label);
    made.type = "button";
    onPress(made, alarm, run);
    return made;
  }

  function laterKeys(id, alarm) {
    const keys = element("div", "minutes");
    keys.hidden = true;
    keys.id = `later-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    for (const minutes of LATER) {
      keys.append(button(fill(say.alert_minutes, { n: minutes }), () => send({ type: "alert.snooze", alert: id, seconds: 60 * minutes }), alarm));
    }
    const opens = element("button", "later", say.alert_later);
    opens.type = "button";
    opens.setAttribute("aria-expanded", "false");
    opens.setAttribute("aria-controls", keys.id);
    opens.addEventListener("click", () => {
      keys.hidden = !keys.hidden;
      opens.setAttribute("aria-expanded", String(!keys.hidden));
      if (!keys.hidden) keys.firstChild.focus();
    });
    return [opens, keys];
  }

  function make({ alert: id }) {
    const card = element("li", "alert");
    const alarm = element("p", "alarm");
    alarm.setAttribute("role", "alert");
    const head = element("p", "head");
    head.append(element("span", "tier"), element("b", "text"));
    const line = element("div", "line");
    line.append(element("small", "why"));
    card.append(head, element("p", "more"), line, element("div", "steps"));
    if (may) {
      const own = element("div", "own");
      const [opens, minutes] = laterKeys(id, alarm);
      own.append(button(say.alert_ack, () => send({ type: "alert.acknowledge", alert: id }), alarm, "ack"), opens);
      line.append(own);
      line.after(minutes);
    }
    card.append(alarm);
    return card;
  }

  function stepButton(card, id) {
    const made = element("button", "step");
    made.type = "button";
    onPress(made, card.querySelector(":scope > .alarm"), async () => {
      const step = steps(card.alert).find((each) => each.id === id);
      return (await step?.run()) ?? { ok: false, text: "" }; // a place that was opened is no deed
    });
    return made;
  }

  function why(alert) {
    const said = [fill(say.alert_since, { time: clock.time(alert.since) })];
    if (alert.kind === "rule" && alert.count > 1) said.push(fill(say.alert_times, { n: alert.count }));
    if (alert.acknowledged_by !== null) {
      said.push(fill(say.alert_seen, { who: person(alert.acknowledged_by), time: clock.time(alert.acknowledged_at) }));
    } else if (alert.snoozed_by !== null && clock.left(alert.snoozed_until)) {
      said.push(fill(say.alert_quiet, { who: person(alert.snoozed_by), time: clock.time(alert.snoozed_until) }));
    }
    return said.join(" · ");
  }

  function update(card, alert) {
    card.alert = alert;
    card.dataset.level = alert.level;
    card.dataset.kind = alert.kind;
    write(card.querySelector(".tier"), say[`level_${alert.level}`]);
    write(card.querySelector(".text"), wording.text(alert));
    write(card.querySelector(".more"), wording.more(alert));
    write(card.querySelector(".why"), why(alert));
    keepChildren(card.querySelector(".steps"), steps(alert), {
      key: ({ id }) => id,
      make: ({ id }) => stepButton(card, id),
      update(made, { label, danger }) {
        made.classList.toggle("danger", Boolean(danger));
        write(made, label);
      },
    });
    const own = card.querySelector(".own");
    if (own) own.querySelector(".ack").hidden = alert.acknowledged_by !== null;
  }

  return { make, update };
}
