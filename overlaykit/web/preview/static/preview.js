// The page around the pictures: controls on the left, every layout on the right, errors where they are seen.
import { buildControls } from "./controls.js";
import { Screen } from "./screen.js";
import { WORDS } from "./words.js";

const RETRY_MS = 400;
const KEPT = "overlaykit.preview";
const SIZES = { portrait: [1080, 1920], landscape: [1920, 1080] };
const GROUNDS = ["checker", "white", "dark", "video"];

const byId = (id) => document.getElementById(id);
const kept = { ui: navigator.language.startsWith("zh") ? "zh-CN" : "en", size: "portrait", custom: [1280, 720], zoom: 360, ground: "video", outline: true };
try { Object.assign(kept, JSON.parse(sessionStorage.getItem(KEPT) ?? "{}")); } catch { /* another version's */ }

let theme = null, look = null, scene = null, socket = null, controls = null;
let errors = [], refused = null, away = false;
const screens = new Map();

function say() { return WORDS[kept.ui]; }

function connect() {
  const url = new URL("/ws/preview", location.href);
  url.protocol = "ws:";
  socket = new WebSocket(url);
  socket.onopen = () => { away = false; showErrors(); };
  socket.onmessage = (event) => receive(JSON.parse(event.data));
  socket.onclose = () => { away = true; showErrors(); setTimeout(connect, RETRY_MS); };
}

function receive(message) {
  if (message.type === "theme") {
    theme = message;
    scene = message.scene;
    draw();
  } else if (message.type === "look") {
    look = message;
    for (const [layout, screen] of screens) screen.wear(look, layout);
  } else if (message.type === "errors") {
    errors = message.errors;
    showErrors();
  } else if (message.type === "progress") controls?.progress(message.share);
  else if (message.type === "refused") {
    refused = message.message;
    showErrors();
  }
}

// Many movements of a slider make one message a frame.
let sending = 0;
function change(fields) {
  scene = { ...scene, ...fields };
  sending ||= requestAnimationFrame(() => {
    sending = 0;
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "scene", scene }));
  });
}

function seek(share) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "seek", share }));
}

function keep(fields) {
  Object.assign(kept, fields);
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
  draw();
}

function draw() {
  if (!theme) return;
  const words = say();
  document.documentElement.lang = kept.ui;
  document.title = `${theme.name} · ${words.preview}`;
  byId("name").textContent = theme.name;
  byId("folder").textContent = theme.folder;
  byId("language").textContent = words.language;
  byId("language").onclick = () => keep({ ui: kept.ui === "en" ? "zh-CN" : "en" });
  controls = buildControls(byId("controls"), { words, ui: kept.ui, theme, scene: () => scene, change, seek });
  drawView(words);
  drawScreens();
  showErrors();
}

function drawView(words) {
  const nav = byId("view");
  nav.replaceChildren(
    group(words.sizes, [
      ...Object.keys(SIZES).map((name) => press(words[name], kept.size === name, () => keep({ size: name }))),
      press(words.custom, kept.size === "custom", () => keep({ size: "custom" })),
      ...(kept.size === "custom" ? [0, 1].map((at) => number(kept.custom[at], 100, 4000, (value) => {
        const custom = [...kept.custom];
        custom[at] = value;
        keep({ custom });
      })) : []),
    ]),
    group(words.background, GROUNDS.map((name) => press(words[name], kept.ground === name, () => keep({ ground: name })))),
    group(words.zoom, [range(kept.zoom, 160, 1400, (value) => keep({ zoom: value }))]),
    group("", [press(words.outline, kept.outline, () => keep({ outline: !kept.outline }))]),
  );
}

function drawScreens() {
  const box = byId("layouts");
  const size = SIZES[kept.size] ?? kept.custom;
  const names = theme.layouts.map((layout) => layout.name);
  for (const [name, screen] of screens) {
    if (names.includes(name)) continue;
    screen.remove();
    screens.delete(name);
  }
  theme.layouts.forEach((layout, index) => {
    let screen = screens.get(layout.name);
    if (!screen) {
      screen = new Screen(layout.name, () => look && screen.wear(look, layout.name));
      screens.set(layout.name, screen);
    }
    if (box.children[index] !== screen.figure) box.insertBefore(screen.figure, box.children[index] ?? null);
    screen.show({ title: layout.title[kept.ui], size, width: kept.zoom * Math.min(1, size[0] / 1080) * (size[0] > size[1] ? 1.5 : 1), ground: kept.ground, outline: kept.outline });
  });
}

function showErrors() {
  const words = say();
  const box = byId("errors");
  const lines = errors.flatMap((error) => [
    paragraph((error.layout ? `${error.layout}: ` : "") + error.message),
    ...(error.remedy ? [paragraph(error.remedy, "remedy")] : []),
  ]);
  if (refused) lines.push(paragraph(refused));
  if (away) lines.push(paragraph(words.offline));
  if (errors.length) lines.unshift(paragraph(words.errors));
  box.hidden = lines.length === 0;
  box.replaceChildren(...lines);
  const everywhere = errors.some((error) => !error.layout);
  for (const [layout, screen] of screens) {
    screen.fail(everywhere || errors.some((error) => error.layout === layout) ? words.layout_failed : "");
  }
}

function paragraph(text, kind = "") {
  const made = document.createElement("p");
  made.className = kind;
  made.textContent = text;
  return made;
}

function group(text, nodes) {
  const made = document.createElement("span");
  made.append(text ? `${text} ` : "", ...nodes);
  return made;
}

function press(text, on, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.setAttribute("aria-pressed", on);
  made.onclick = action;
  return made;
}

function number(value, min, max, action) {
  const made = Object.assign(document.createElement("input"), { type: "number", min, max, value });
  made.onchange = () => made.checkValidity() && action(made.valueAsNumber);
  return made;
}

function range(value, min, max, action) {
  const made = Object.assign(document.createElement("input"), { type: "range", min, max, value });
  made.onchange = () => action(made.valueAsNumber);
  return made;
}

connect();
