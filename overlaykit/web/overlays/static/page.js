// An overlay page: holds the socket, paints frames, keeps the clock, and says so when its numbers may be old.
import { learn } from "./clock.js";
import "./elements.js";
import { painted, report } from "./liveness.js";
import { giveIds, paint, paintPart } from "./morph.js";
import { stage } from "./stage.js";

const FIRST_RETRY_MS = 100, LAST_RETRY_MS = 1000, CONNECT_MS = 2000;
const SILENT_MS = 3000; // the server speaks each second
const LOST_AFTER_MS = 900; // a restart of web takes less: no need to alarm anybody
const ALIVE_EVERY_MS = 1000;
const PINGS_AT_FIRST = 8, PING_GAP_MS = 40, PING_EVERY_MS = 5000;

const FRAMED = window.parent !== window; // in a preview of ours, nobody else may frame it: not one of the overlays that are open

const html = document.documentElement;
const root = document.getElementById("overlay");
const note = document.getElementById("ok-note");
let line = html.dataset.line;
let seq = Number(html.dataset.seq);
let socket = null, retry = FIRST_RETRY_MS, heard = performance.now();
let current = false; // a frame came over this connection
let stale = false; // the server says that its own numbers may be old
let lostTimer = 0, pings = 0, pingTimer = 0, connectTimer = 0;

function address() {
  const url = new URL("/ws/overlay", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.search = location.search;
  url.searchParams.set("layout", html.dataset.layout);
  return url;
}

function connect() {
  const made = new WebSocket(address());
  socket = made;
  current = false;
  heard = performance.now();
  connectTimer = setTimeout(() => made.readyState === WebSocket.CONNECTING && drop(made), CONNECT_MS);
  made.onopen = () => {
    heard = performance.now();
    pings = PINGS_AT_FIRST;
    ping();
  };
  made.onmessage = (event) => {
    if (made !== socket) return;
    heard = performance.now();
    receive(JSON.parse(event.data));
  };
  made.onclose = () => drop(made);
}

function drop(made) {
  if (made !== socket) return;
  socket = null;
  current = false;
  clearTimeout(connectTimer);
  clearTimeout(pingTimer);
  made.onopen = made.onmessage = made.onclose = null;
  made.close();
  setTimeout(connect, retry * (0.8 + 0.4 * Math.random()));
  retry = Math.min(LAST_RETRY_MS, retry * 1.6);
  show();
}

function ping() {
  clearTimeout(pingTimer);
  if (socket?.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify({ type: "ping", t: performance.now() }));
  pings = Math.max(0, pings - 1);
  pingTimer = setTimeout(ping, pings ? PING_GAP_MS : PING_EVERY_MS);
}

function receive(message) {
  if (message.type === "frame") frame(message, () => paint(root, message.html));
  else if (message.type === "parts") frame(message, () => paintParts(message.parts));
  else if (message.type === "pong") learn(message.t, message.server_time);
  else if (message.type === "tick") stale = message.stale === true;
  else if (message.type === "hello") greet(message);
  else if (message.type === "error") complain(message.message);
  show();
}

function frame(message, change) {
  if (message.line === line && message.seq < seq) return; // an older number is never painted after a newer one
  stage.live = current && !document.hidden && message.line === line;
  line = message.line;
  seq = message.seq;
  change();
  html.dataset.line = line;
  html.dataset.seq = seq;
  current = true;
  stale = false;
  retry = FIRST_RETRY_MS;
  painted(message.at);
}

// Parts follow the whole picture they belong to. One that is not in it would be a fault: then the whole is asked for.
function paintParts(parts) {
  const missed = Object.entries(parts).filter(([key, markup]) => !paintPart(root, key, markup));
  if (missed.length) sync();
}

function sync() {
  if (socket?.readyState === WebSocket.OPEN) socket.send('{"type":"sync"}');
}

// The page's scripts, style sheets or options are not those of the server any more: load the page anew, once it is there.
async function greet(message) {
  if (message.build === html.dataset.build) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.ok) location.reload();
  } catch {
    drop(socket);
  }
}

function complain(message) {
  if (message) {
    console.error(message);
    html.dataset.error = message;
  } else delete html.dataset.error;
}

// live: what is shown is the server's present board. stale: the server cannot reach its store. lost: no server.
function show() {
  const state = current ? (stale ? "stale" : "live") : "lost";
  if (state === "lost") {
    lostTimer ||= setTimeout(() => say("lost"), LOST_AFTER_MS);
    return;
  }
  clearTimeout(lostTimer);
  lostTimer = 0;
  say(state);
}

function say(state) {
  if (html.dataset.link !== state) html.dataset.link = state;
  note.hidden = state === "live" || root.querySelector("ok-status") !== null;
}

setInterval(() => {
  if (socket && performance.now() - heard > SILENT_MS) drop(socket);
}, 500);

if (!FRAMED) setInterval(() => {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "alive", seq, line, ...report() }));
}, ALIVE_EVERY_MS);

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  pings = PINGS_AT_FIRST;
  ping();
  sync();
});

giveIds(root);
connect();
show();
