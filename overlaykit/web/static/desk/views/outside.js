// Everybody outside the room: channels, sources, notifiers, webhooks and relays. How each does and whether it is paused, what came from
// its platform, which numbers the platform has, its secrets; and what could not be delivered or counted.

import { element, fill, keepChildren, replaceChanged, write } from "../dom.js";
import { inLanguage } from "../language.js";
import { authorisingOf } from "./authorising.js";
import { lettersOf } from "./letters.js";
import { onPress, onPressTwice } from "../press.js";
import { watchPlugins } from "./plugins.js";
import { secretsOf } from "./secrets.js";
import { sourcesOf } from "./sources.js";
import { unmappedOf } from "./unmapped.js";

const EVERY = 2000;

/** The view of them. */
export function outsideView(view, desk) {
  const { words: say, plan, may, send, clock, ask, api, room } = desk;
  const section = view.querySelector("#targets");
  const sources = sourcesOf(view.querySelector("#sources"), desk);
  const unmapped = unmappedOf(view.querySelector("#unmapped"), desk);
  const [list, summary] = [section.querySelector("ul"), section.querySelector(".summary")];
  const lost = section.querySelector(".lost");
  const letters = lettersOf(section, desk);
  const secrets = secretsOf(desk, show);
  const authorising = authorisingOf(desk);
  const { format: grouped } = new Intl.NumberFormat(desk.lang);
  const known = { running: true, targets: new Map(), channels: new Map(), apps: new Map() };

  function made(name) {
    const line = element("li", "target");
    const [kind, ...rest] = name.split(".");
    const own = rest.join(".");
    const title = (kind === "channel" && plan.channels[own]) || own;
    const head = element("div", "head");
    head.append(element("small", "kind", say[`outside_${kind}`] ?? kind), " ", element("b", "name", title), element("small", "own", title === own ? "" : own));
    head.append(element("span", "told"));
    const alarm = element("p", "alarm");
    alarm.setAttribute("role", "alert");
    if (may && plan.connectors.includes(name)) {
      const pause = element("button", "pause", say.connector_pause);
      onPressTwice(pause, alarm, say.press_again, () => send({ type: "connector.pause", name }));
      const resume = element("button", "resume", say.connector_resume);
      onPress(resume, alarm, () => send({ type: "connector.resume", name }));
      for (const button of [pause, resume]) button.type = "button";
      head.append(pause, resume);
    }
    const levels = element("details", "levels");
    levels.append(element("summary"), element("ul"));
    line.append(head, element("dl", "facts"), element("p", "paused"), element("p", "reason"), element("p", "remedy"));
    line.append(element("p", "counts"), element("p", "refused"), levels, secrets.place(name));
    if (may) line.append(authorising.place());
    line.append(alarm);
    return line;
  }

  function update(line, name) {
    const target = known.targets.get(name);
    const connector = room.direction.connectors[name];
    const channel = known.channels.get(name);
    const app = known.apps.get(channel?.app);
    const paused = connector?.paused ?? false;
    const state = known.running && target ? target.state : "unknown";
    line.dataset.state = paused ? "paused" : state;
    write(line.querySelector(".told"), paused ? say.connector_paused : say[`outside_${state}`]);
    const [pause, resume] = [line.querySelector(".pause"), line.querySelector(".resume")];
    if (pause) [pause.hidden, resume.hidden] = [paused, !paused];
    const since = paused ? fill(say.connector_since, { ago: clock.since(connector.since) }) : "";
    write(line.querySelector(".paused"), [since, connector?.reason].filter(Boolean).join(" · "));
    const first = app !== undefined && app.channels[0] === channel.name; // what is the app's is said once
    replaceChanged(line.querySelector(".facts"), facts(target, channel, app));
    write(line.querySelector(".counts"), channel ? counts(channel) : "");
    // What keeps messages from being received is web's to say; the rest is the gateway's.
    const trouble = app?.reason ? app : known.running && target ? target : { reason: "", remedy: "" };
    write(line.querySelector(".reason"), inLanguage(trouble.reason, desk.lang));
    write(line.querySelector(".remedy"), inLanguage(trouble.remedy, desk.lang));
    write(line.querySelector(".refused"), first ? refused(app) : "");
    showLevels(line.querySelector(".levels"), room.pushed[name.slice("channel.".length)] ?? {});
    secrets.update(line, name);
    if (may) authorising.update(line, first ? app : null);
  }

  /** How late it is: when it was heard last, what waits to be counted, and what waits to go there. */
  function facts(target, channel, app) {
    const said = [];
    const heard = channel ? channel.heard_at : target?.heard_at;
    if (channel || heard) said.push([say.outside_last, heard ? `${clock.since(heard)}${say.outside_ago}` : say.outside_never, ""]);
    if (app) {
      const waiting = app.waiting ? fill(say.inbox_waiting, { n: app.waiting, ago: clock.since(app.oldest_at) }) : say.outside_counted;
      said.push([say.outside_lag, waiting, app.waiting ? "late" : ""]);
    }
    if (target?.can.length || target?.waiting) said.push([say.outside_out, target.waiting ? fill(say.outside_waiting, { n: target.waiting }) : say.outside_sent, target.waiting ? "late" : ""]);
    return said.map(([label, text, state]) => {
      const pair = element("div", state);
      pair.append(element("dt", "", label), element("dd", "", text));
      return pair;
    });
  }

  function counts({ received, duplicates, ignored, unlisted }) {
    const said = [fill(say.inbox_received, { n: grouped(received) })];
    if (duplicates) said.push(fill(say.inbox_duplicates, { n: grouped(duplicates) }));
    if (ignored) said.push(fill(say.inbox_ignored, { n: grouped(ignored) }));
    if (unlisted) said.push(fill(say.inbox_unlisted, { n: grouped(unlisted) }));
    return said.join(" · ");
  }

  function refused(app) {
    const kinds = ["refused", "unreadable", "unknown", "strangers", "full"].filter((kind) => app[kind]);
    return [app.address ?? [], kinds.map((kind) => fill(say[`inbox_${kind}`], { n: grouped(app[kind]) }))].flat().join(" · ");
  }

  function showLevels(details, levels) {
    const all = Object.entries(levels);
    details.hidden = all.length === 0;
    const failed = all.filter(([, level]) => level.failed !== null).length;
    const text = fill(say.inbox_levels, { n: all.length });
    write(details.querySelector("summary"), failed ? `${text} · ${fill(say.inbox_levels_failed, { n: failed })}` : text);
    if (!details.open) return;
    const order = new Map(room.order.map((sku, place) => [sku, place]));
    all.sort(([a], [b]) => (order.get(a) ?? Infinity) - (order.get(b) ?? Infinity));
    keepChildren(details.querySelector("ul"), all, {
      key: ([sku]) => sku,
      make: () => {
        const line = element("li");
        line.append(element("b", "number"), element("span", "what"), element("em", "failed"));
        return line;
      },
      update: (line, [sku, level]) => {
        write(line.querySelector(".number"), level.quantity ?? "—");
        write(line.querySelector(".what"), `${room.title(sku)} · ${clock.time(level.at)}`);
        write(line.querySelector(".failed"), inLanguage(level.failed ?? "", desk.lang));
      },
    });
  }

  function show() {
    if (!room.direction) return; // an answer of the API may come before the room
    const names = new Set([...Object.keys(room.direction.connectors), ...known.targets.keys(), ...secrets.sections()]);
    write(summary, known.running ? "" : say.outside_gone);
    keepChildren(list, [...names], { key: (name) => name, make: made, update });
  }

  function showLost(dead) {
    lost.hidden = dead.length === 0;
    write(lost.querySelector("summary"), fill(say.outside_lost, { n: dead.length }));
    keepChildren(lost.querySelector("ol"), dead, {
      key: ({ id }) => id,
      make: () => document.createElement("li"),
      update: (line, each) => write(line, `${each.target} · ${clock.since(each.at)}${say.outside_ago} · ${inLanguage(each.why, desk.lang)}`),
    });
  }

  async function look() {
    const [{ body: gateway, text }, inbox] = await Promise.all([ask(`${api}/gateway`), plan.apps ? ask(`${api}/inbox`) : null]);
    if (gateway) {
      known.running = gateway.running;
      known.targets = new Map(gateway.targets.map((target) => [target.name, target]));
      showLost(gateway.dead_letters);
    } else {
      write(summary, text);
    }
    if (inbox?.body) {
      known.channels = new Map(inbox.body.channels.map((channel) => [`channel.${channel.name}`, channel]));
      known.apps = new Map(inbox.body.apps.map((app) => [app.name, app]));
      letters.show(inbox.body);
    }
    if (gateway) show();
    setTimeout(look, EVERY);
  }

  list.addEventListener("toggle", show, true); // what is closed is not kept true
  if (plan.outside) {
    look();
    secrets.look();
  }
  watchPlugins(view.querySelector("#plugins"), desk);
  return {
    show(changes) {
      if (changes.direction) for (const part of [sources, unmapped]) part.show();
      if (changes.direction || changes.pushed) show();
    },
    /** What an alert says has no item here, CHANNEL PLATFORM_SKU, is what the operator came for. */
    opened: (name) => name && unmapped.open(name),
    tick() {
      for (const part of [sources, unmapped]) part.tick();
    },
  };
}
