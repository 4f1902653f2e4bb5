// The desk: follows the room and gives each part of the page what changed.

import { serverClock } from "./clock.js";
import { placeControls } from "./controls.js";
import { write } from "./dom.js";
import { follow } from "./follow.js";
import { itemsOf } from "./items.js";
import { obsOf } from "./obs.js";
import { outsideOf } from "./outside.js";
import { watchOverlays } from "./overlays.js";
import { watchPlugins } from "./plugins.js";
import { commandSender } from "./press.js";
import { rulesOf } from "./rules.js";
import { sourcesOf } from "./sources.js";
import { tasksOf } from "./tasks.js";
import { unmappedOf } from "./unmapped.js";

const given = JSON.parse(document.getElementById("desk-data").textContent);
const DETAILS_EVERY = 1000;

const byId = (id) => document.getElementById(id);
const api = `/api/v1/sessions/${encodeURIComponent(given.session)}`;
const words = given.words;
const clock = serverClock(given.lang, given.timezone, words);
const reload = () => location.reload();
const items = itemsOf(byId("items"), { words, reload });
const send = commandSender(given.session, given.lang, words);
const desk = { ...given, clock, send, items: items.now, api, ask: answerOf };

placeControls(byId("controls"), desk);
const parts = {
  tasks: tasksOf(byId("tasks"), desk),
  rules: rulesOf(byId("rules"), { ...desk, ask: explainRules }),
  obs: obsOf(byId("obs"), desk),
  sources: sourcesOf(byId("sources"), desk),
  unmapped: unmappedOf(byId("unmapped"), desk),
  outside: outsideOf(byId("outside"), desk),
};
const asked = new Map();
let explained = "";

// At most once in DETAILS_EVERY, and always after the last change.
function askLater(name, ask) {
  if (!asked.has(name)) {
    asked.set(name, setTimeout(() => {
      asked.delete(name);
      ask();
    }, DETAILS_EVERY));
  }
}

async function answerOf(path) {
  const answer = await fetch(api + path).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

async function showDetails() {
  const board = await answerOf("/board");
  if (board?.desk) items.showDetails(board.desk);
}

async function explainRules() {
  const found = await answerOf("/rules");
  if (found) parts.rules.explain(found.rules);
}

function showAnnouncements(announcements) {
  byId("announcements").replaceChildren(...announcements.map((each) => {
    const line = document.createElement("li");
    line.dataset.level = each.level;
    line.textContent = each.text;
    return line;
  }));
}

function showDirection({ tasks, rules, obs, sources, connectors, unmapped }) {
  parts.tasks(tasks);
  parts.rules.show(rules);
  parts.obs.show(obs);
  parts.sources.show(sources);
  parts.outside.show(connectors);
  parts.unmapped(unmapped);
  const now = JSON.stringify(rules);
  if (given.plan.rules.length && now !== explained) askLater("rules", explainRules);
  explained = now;
}

function show(frame) {
  write(byId("seq"), frame.seq);
  if (frame.session) {
    if (frame.session.id !== given.session) reload(); // `current` is another session now
    write(byId("title"), frame.session.title);
    byId("status").dataset.status = frame.session.status;
    write(byId("status"), words[`status_${frame.session.status}`]);
  }
  items.show(frame);
  if (frame.announcements) showAnnouncements(frame.announcements);
  if (frame.direction) showDirection(frame.direction);
  if (frame.pushed) parts.outside.showPushed(frame.pushed, frame.type === "board");
  askLater("details", showDetails);
}

function onFrame(frame) {
  if (frame.server_time) clock.set(frame.server_time);
  if (frame.type === "board" || frame.type === "change") show(frame);
  if (frame.type === "tick") {
    parts.obs.tick();
    parts.sources.tick();
  }
}

function onLink(live) {
  const element = byId("connection");
  element.dataset.ok = live === true;
  write(element, live === null ? words.connecting : live ? words.connected : words.stale);
}

showDirection(given.direction);
follow(given.follow, { onFrame, onLink });
watchOverlays(byId("overlays"), given.session, desk);
watchPlugins(byId("plugins"), desk);
