// The desk: follows the room, and gives the open view and the column "now" what changed.

import { giveActions } from "./actions/desk.js";
import { historyNow } from "./actions/history.js";
import { apart } from "./apart.js";
import { apiOf, askerOf } from "./asking.js";
import { serverClock } from "./clock.js";
import { coloursSwitch } from "./colours.js";
import { write } from "./dom.js";
import { finderOf } from "./finder.js";
import { keepFocus } from "./focus.js";
import { follow } from "./follow.js";
import { airNow } from "./now/air.js";
import { alertsNow } from "./now/alerts.js";
import { announcementsNow } from "./now/announcements.js";
import { countdownsNow } from "./now/countdowns.js";
import { emergenciesNow, planButtonsNow } from "./now/emergencies.js";
import { noteNow } from "./now/note.js";
import { runningNow } from "./now/running.js";
import { sessionNow } from "./now/session.js";
import { tasksNow } from "./now/tasks.js";
import { commandSender } from "./press.js";
import { roomOf } from "./room.js";
import { selection } from "./selection.js";
import { onlyWhatIsMeant } from "./steady.js";
import { moneyOf } from "./money.js";
import { keepTyped, loadAnew } from "./typed.js";
import { viewsOf } from "./views.js";
import { logView } from "./views/log.js";
import { numberProof } from "./views/log/proof.js";
import { obsTroubles, obsView } from "./views/obs.js";
import { obsHistory } from "./views/obs_history.js";
import { outsideView } from "./views/outside.js";
import { overlaysView, watchOverlays } from "./views/overlays.js";
import { rulesView } from "./views/rules.js";
import { stockView } from "./views/stock.js";
import { themeView } from "./views/theme.js";

const given = JSON.parse(document.getElementById("desk-data").textContent);
const byId = (id) => document.getElementById(id);
const { words } = given;

const clock = serverClock(given.lang, given.timezone, words);
const room = roomOf();
const [api, ask] = [apiOf(given), askerOf(given, words)];
// A plan that names no location or channel has one all the same, whose name says nothing to anybody.
if (given.plan.locations.default === "default") given.plan.locations.default = words.location_alone;
if (given.plan.channels.default === "default") given.plan.channels.default = words.channel_alone;
const desk = selection({
  ...given,
  clock,
  room,
  money: moneyOf(given, room),
  send: commandSender(given, words),
  api,
  ask,
  obsHistory: obsHistory(room, clock),
  overlays: watchOverlays(ask, api),
  finder: finderOf(ask, room),
  go: (view, detail) => views.go(view, detail),
});
desk.proveNumber = numberProof(desk);

onlyWhatIsMeant(document);
keepFocus(() => document.querySelector(".view > section:not([hidden]) h2"));
const makers = { stock: stockView, rules: rulesView, obs: obsView, overlays: overlaysView, theme: themeView, outside: outsideView, log: logView };
giveActions(desk, Object.keys(makers).filter((name) => byId(`view-${name}`)));

const now = [
  airNow(byId("air"), desk),
  runningNow(byId("running"), desk),
  alertsNow(byId("alerts"), desk),
  tasksNow(byId("tasks"), desk),
  planButtonsNow(byId("plan-buttons"), desk),
  countdownsNow(byId("countdowns"), desk),
  announcementsNow(byId("announcements"), desk),
  noteNow(byId("note"), desk),
  emergenciesNow(byId("emergencies"), byId("runs"), desk),
  sessionNow(byId("whole"), desk),
  historyNow(byId("done"), desk),
];
const views = viewsOf(desk, makers, { obs: obsTroubles, overlays: () => desk.overlays.troubles() || "" });

keepTyped(document.querySelector("aside"));
let drawn = false; // on a busy computer a tick may come before the first picture
room.listen((changes) => {
  if (room.session.id !== given.session) { // `current` is another session now
    drawn = false;
    loadAnew();
    return;
  }
  drawn = true;
  write(byId("seq"), room.seq);
  if (changes.session) {
    write(byId("title"), room.session.title);
    byId("status").dataset.status = room.session.status;
    write(byId("status"), words[`status_${room.session.status}`]);
  }
  for (const part of [...now, views]) apart(() => part.show(changes));
});

function onFrame(frame) {
  if (frame.server_time) clock.set(frame.server_time);
  if (frame.type === "board" || frame.type === "change") room.take(frame);
  if (frame.type === "tick" && drawn) {
    desk.obsHistory.sample();
    tick();
  }
}

function tick() {
  for (const part of [...now, views]) apart(() => part.tick?.());
}

let reached = true;

function onLink(live) {
  reached = live !== null;
  room.stale = live !== true;
  room.staleSince = live ? null : (room.staleSince ?? Date.now());
  const element = byId("connection");
  element.dataset.ok = live === true;
  document.body.dataset.live = live === true; // numbers that may be old step back
  write(element, live === null ? words.connecting : live ? words.connected : words.stale);
}

coloursSwitch(byId("colours"), words);
follow(given.follow, { onFrame, onLink });
setInterval(() => !reached && drawn && tick(), 1000); // in the server's place
