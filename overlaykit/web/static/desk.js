// The board page: follows /ws/board and writes what changed into the table that the server rendered.
// Everything from outside is written as text, never as markup.

import { watchOverlays } from "./desk_overlays.js";

const given = JSON.parse(document.getElementById("desk-data").textContent);
const FIRST_RETRY = 250;
const LAST_RETRY = 3000;
const SILENCE = 3500; // the server ticks each second
const DETAILS_EVERY = 1000;

const byId = (id) => document.getElementById(id);
const rows = new Map([...document.querySelectorAll("tbody[data-sku]")].map((row) => [row.dataset.sku, row]));
let retry = FIRST_RETRY;
let silence = 0;
let detailsDue = 0;

function write(element, text) {
  if (element && element.textContent !== String(text)) element.textContent = text;
}

function showConnection(ok, text) {
  const element = byId("connection");
  element.dataset.ok = ok;
  write(element, text);
}

function showItem(sku, item) {
  const row = rows.get(sku);
  if (!row) {
    location.reload(); // an item the page does not have yet
    return;
  }
  row.dataset.state = item.state;
  row.dataset.heat = item.heat;
  row.classList.toggle("on-air", item.on_air);
  for (const field of ["link", "title", "variant", "price", "available", "held", "sold", "oversold"]) {
    write(row.querySelector(`[data-field="${field}"]`), item[field] ?? "");
  }
  write(row.querySelector('[data-field="state"]'), given.words[`state_${item.state}`] ?? item.state);
}

function showAnnouncements(announcements) {
  byId("announcements").replaceChildren(...announcements.map((each) => {
    const line = document.createElement("li");
    line.dataset.level = each.level;
    line.textContent = each.text;
    return line;
  }));
}

function show(frame) {
  write(byId("seq"), frame.seq);
  if (frame.order && JSON.stringify(frame.order) !== JSON.stringify([...rows.keys()])) {
    location.reload(); // items came or moved
    return;
  }
  if (frame.session) {
    if (frame.session.id !== given.session) {
      location.reload(); // `current` is another session now
      return;
    }
    write(byId("title"), frame.session.title);
    byId("status").dataset.status = frame.session.status;
    write(byId("status"), given.words[`status_${frame.session.status}`]);
  }
  for (const [sku, item] of Object.entries(frame.items)) showItem(sku, item);
  if (frame.announcements) showAnnouncements(frame.announcements);
  if (!detailsDue) detailsDue = setTimeout(showDetails, DETAILS_EVERY);
}

async function showDetails() {
  detailsDue = 0;
  const answer = await fetch(`/api/v1/sessions/${encodeURIComponent(given.session)}/board`).catch(() => null);
  if (!answer?.ok) return;
  const { desk } = await answer.json();
  for (const [sku, item] of Object.entries(desk ?? {})) {
    const row = rows.get(sku);
    write(row?.querySelector("[data-over]"), item.pool < 0 ? given.words.over_allotted.replace("{units}", -item.pool) : "");
    for (const [name, units] of Object.entries(item.locations)) {
      const line = [...(row?.querySelectorAll("tr[data-location]") ?? [])].find((each) => each.dataset.location === name);
      for (const cell of line?.querySelectorAll("[data-column]") ?? []) write(cell, units[cell.dataset.column]);
    }
  }
}

function listen(socket) {
  clearTimeout(silence);
  silence = setTimeout(() => socket.close(), SILENCE);
}

function connect() {
  const address = new URL("/ws/board", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  address.searchParams.set("session", given.follow);
  const socket = new WebSocket(address);
  socket.onopen = () => {
    retry = FIRST_RETRY;
    listen(socket);
  };
  socket.onmessage = ({ data }) => {
    listen(socket);
    const frame = JSON.parse(data);
    if (frame.type === "board" || frame.type === "change") show(frame);
    if ("stale" in frame) showConnection(!frame.stale, frame.stale ? given.words.stale : given.words.connected);
  };
  socket.onclose = ({ code }) => {
    clearTimeout(silence);
    showConnection(false, given.words.connecting);
    if (code === 1008) location.reload(); // the token was revoked: the login comes
    setTimeout(connect, retry);
    retry = Math.min(LAST_RETRY, retry * 2);
  };
}

connect();
watchOverlays(byId("overlays"), given.session, given.words);
