// Everybody outside the room: channels, notifiers, webhooks and sources, how each does, and what could not be delivered.

import { element, fill, keepChildren, write } from "./dom.js";

const EVERY = 2000;

/** Keeps `section` true to what the gateway says, from now on; for plans that have anybody outside. */
export function watchOutside(section, session, { words: say, plan, clock }) {
  if (!plan.outside) return;
  const [list, summary] = [section.querySelector("ul"), section.querySelector(".summary")];
  const lost = section.querySelector(".lost");

  function made(target) {
    const line = document.createElement("li");
    const [section, ...name] = target.name.split(".");
    line.append(element("b", "name", `${say[`outside_${section}`]} ${name.join(".")}`), element("span", "told"), element("small", "waiting"));
    line.append(element("p", "reason"), element("p", "remedy"));
    return line;
  }

  function update(line, target, running) {
    const state = running ? target.state : "unknown";
    line.dataset.state = state;
    write(line.querySelector(".told"), say[`outside_${state}`]);
    write(line.querySelector(".waiting"), target.waiting ? fill(say.outside_waiting, { n: target.waiting }) : "");
    write(line.querySelector(".reason"), running ? target.reason : "");
    write(line.querySelector(".remedy"), running ? target.remedy : "");
  }

  function show({ running, targets, dead_letters: dead }) {
    write(summary, running ? "" : say.outside_gone);
    keepChildren(list, targets, { key: ({ name }) => name, make: made, update: (line, each) => update(line, each, running) });
    lost.hidden = dead.length === 0;
    write(lost.querySelector("summary"), fill(say.outside_lost, { n: dead.length }));
    keepChildren(lost.querySelector("ol"), dead, {
      key: ({ id }) => id,
      make: () => document.createElement("li"),
      update: (line, each) => write(line, `${each.target} · ${clock.since(each.at)}${say.outside_ago} · ${each.why}`),
    });
  }

  async function look() {
    try {
      const answer = await fetch(`/api/v1/sessions/${encodeURIComponent(session)}/gateway`);
      if (answer.ok) show(await answer.json());
    } catch {
      write(summary, say.stale);
    }
    setTimeout(look, EVERY);
  }
  look();
}
