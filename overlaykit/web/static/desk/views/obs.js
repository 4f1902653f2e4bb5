// Every OBS of the plan: whether it is there, what it shows, who has taken it over, and how its stream fares.

import { element, fill, keepChildren, replaceChanged, write } from "../dom.js";
import { inLanguage } from "../language.js";
import { onPress, onPressTwice } from "../press.js";
import { chartsOf } from "./obs_charts.js";
import { glancesOf } from "./obs_glances.js";

const PER_CENT = 100;

// What is said of a value, from where on it is poor, and from where on bad; a disk is bad when little is left.
const HEALTH = [
  { name: "dropped_frames", poor: 0.01, bad: 0.05, text: (share) => `${(share * PER_CENT).toFixed(1)} %` },
  { name: "lagged_frames", poor: 0.01, bad: 0.05, text: (share) => `${(share * PER_CENT).toFixed(1)} %` },
  { name: "congestion", poor: 0.3, bad: 0.7, text: (share) => `${Math.round(share * PER_CENT)} %` },
  { name: "cpu", poor: 0.75, bad: 0.9, text: (share) => `${Math.round(share * PER_CENT)} %` },
  { name: "disk_gb", poor: 10, bad: 2, less: true, text: (size) => `${size < 10 ? size.toFixed(1) : Math.round(size)} GB` },
  { name: "fps", text: (rate) => rate.toFixed(rate % 1 ? 1 : 0) },
];

function grade({ poor, bad, less }, value) {
  if (poor === undefined) return "";
  if (less ? value <= bad : value >= bad) return "bad";
  return (less ? value <= poor : value >= poor) ? "poor" : "good";
}

// One that is not there and of which nothing is wrong is one that nobody misses.
const troubled = (state) =>
  state.reconnecting || state.problems.length > 0
  || HEALTH.some((kind) => state[kind.name] !== null && grade(kind, state[kind.name]) === "bad");

/** How many OBS need a look, "" for none. */
export const obsTroubles = ({ direction }) => Object.values(direction?.obs ?? {}).filter(troubled).length || "";

/** The view of them. */
export function obsView(section, desk) {
  const { plan, words: say, may, send, clock, room, obsHistory, lang } = desk;
  const glances = glancesOf(desk);
  const charts = new Map();
  const list = section.querySelector("ul");
  const gradeWords = { good: say.obs_good, poor: say.obs_poor, bad: say.obs_bad };
  const diskWords = { good: say.obs_good, poor: say.obs_little, bad: say.obs_empty };
  let known = {};

  function made(planned) {
    const card = element("li", "obs");
    const head = element("div", "head");
    head.append(element("b", "name", planned.name), element("p", "output"), element("span", "link"));
    const alarm = element("p", "alarm");
    alarm.setAttribute("role", "alert");
    const taken = element("div", "taken");
    taken.append(element("p", "override"));
    card.append(head, taken, element("dl", "shows"));
    const drawn = chartsOf(desk);
    charts.set(planned.name, drawn);
    card.append(element("ul", "problems"), glances.place(planned.name), element("ul", "health"), drawn.figure);
    if (may) {
      const asks = (place, name, words, request) => {
        const button = element("button", name, words);
        button.type = "button";
        onPress(button, alarm, () => send({ type: "obs.do", obs: planned.name, request }));
        place.append(button);
      };
      asks(taken, "release", say.obs_release, "ReleaseScene");
      asks(head, "reconnect", say.obs_reconnect, "Reconnect");
    }
    if (planned.safe_scene && may) {
      const button = element("button", "safe danger", `${say.obs_safe} · ${planned.safe_scene}`);
      button.type = "button";
      const data = { sceneName: planned.safe_scene };
      const command = { type: "obs.do", obs: planned.name, request: "SetCurrentProgramScene", data };
      onPressTwice(button, alarm, say.press_again, () => send(command));
      head.append(button);
    }
    card.append(alarm);
    return card;
  }

  function scenes(state) {
    const back = state.back_to === null ? null : fill(say.obs_back_to, { scene: state.back_to, n: clock.left(state.back_at) });
    const told = [[say.obs_scene, state.scene], [say.obs_preview, state.studio_mode ? state.preview : null], ["→", back]];
    return told.filter(([, scene]) => scene).map(([label, scene]) => {
      const pair = element("div", "");
      pair.append(element("dt", "", label), element("dd", "", scene));
      return pair;
    });
  }

  function output(state) {
    if (!state.connected) return [];
    const parts = [];
    if (state.reconnecting) parts.push(element("span", "bad", say.obs_reconnecting));
    else if (state.streaming) parts.push(element("span", "on", say.obs_streaming));
    else parts.push(element("span", "off", say.obs_not_streaming));
    if (state.recording) parts.push(element("span", "on", say.obs_recording));
    if (state.studio_mode) parts.push(element("span", "off", say.obs_studio));
    return parts;
  }

  function values(state) {
    if (!state.connected) return [];
    return HEALTH.filter(({ name }) => state[name] !== null).map((kind) => {
      const value = state[kind.name];
      const found = grade(kind, value);
      const line = element("li", found);
      line.append(element("span", "what", say[`obs_${kind.name}`]), element("b", "value", kind.text(value)));
      if (found) line.append(element("em", "", (kind.less ? diskWords : gradeWords)[found]));
      return line;
    });
  }

  function update(card, { name }) {
    const state = known[name];
    card.dataset.state = state.connected ? "connected" : state.wanted ? "lost" : "over";
    write(card.querySelector(".link"), say[`obs_${card.dataset.state}`]);
    const left = state.connected && state.override_until ? clock.left(state.override_until) : 0;
    write(card.querySelector(".override"), left ? fill(say.obs_override, { n: left }) : "");
    for (const [name, shown] of [["release", left], ["reconnect", !state.connected && state.wanted]]) {
      const button = card.querySelector(`.${name}`);
      if (button) button.hidden = !shown;
    }
    replaceChanged(card.querySelector(".shows"), state.connected ? scenes(state) : []);
    replaceChanged(card.querySelector(".output"), output(state));
    replaceChanged(card.querySelector(".problems"), state.problems.map((text) => element("li", "", inLanguage(text, lang))));
    replaceChanged(card.querySelector(".health"), values(state));
    const safe = card.querySelector(".safe");
    if (safe && !safe.dataset.busy) safe.disabled = !state.connected;
    card.dataset.trouble = troubled(state);
    glances.controls(name);
  }

  function tick() {
    show();
    glances.tick();
    for (const [name, drawn] of charts) drawn.show(obsHistory.of(name));
  }

  function show() {
    keepChildren(list, plan.obs.filter(({ name }) => known[name]), { key: ({ name }) => name, make: made, update });
  }

  return {
    show(changes) {
      if (!changes.direction) return;
      known = room.direction.obs;
      show();
    },
    tick,
    opened: tick,
  };
}
