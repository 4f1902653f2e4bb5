// The presenter's page: one prompt at a time, drawn whole whenever another one comes.

import { clockText, serverClock } from "../desk/clock.js";
import { element, fill, keepChildren, write } from "../desk/dom.js";
import { follow } from "../desk/follow.js";
import { keepFitting, keepRoom, keepWidth } from "./fit.js";
import { keepAwake, offerFullScreen } from "./screen.js";

const data = JSON.parse(document.getElementById("presenter-data").textContent);
const { words } = data;
const part = (id) => document.getElementById(id);
const clock = serverClock(data.lang, data.timezone, words);
const fit = keepFitting(part("say"));
const narrow = keepWidth(part("left")); // before room is made: it takes less height then
const makeRoom = keepRoom(document.querySelector(".on-air"));
const LONG = 24; // Han characters, or twice as many letters

const LOST_FOR = 10_000; // milliseconds after which it is said how long the room is lost already

let prompt = data.prompt;
let connected = true;
let lostAt = 0; // this device's milliseconds since 1970

function show() {
  const { item, next, note } = prompt;
  document.body.dataset.state = prompt.state;
  document.body.dataset.link = connected ? "live" : "lost";
  document.title = `${prompt.session.title} · ${words.presenter}`;
  write(part("title"), prompt.session.title);
  part("frozen").hidden = !prompt.frozen;
  part("lost").hidden = connected && !prompt.stale;

  const linked = item !== null && item.link !== null;
  part("linked").hidden = !linked;
  write(part("link"), linked ? item.link : "");
  part("linked").dataset.digits = part("link").textContent.length;
  write(part("name"), item?.title ?? words.presenter_nothing);
  part("name").toggleAttribute("data-long", widthOf(item?.title ?? "") > LONG);
  write(part("variant"), item?.variant ?? "");
  write(part("price"), item?.price_text ?? "");
  write(part("list-price"), item?.list_price_text ?? "");
  write(part("drop"), item?.drop ? [words.presenter_drop, item.drop.price_text, item.drop.left].filter(Boolean).join(" ") : "");
  write(part("left"), together(item?.left ?? ""));
  showVariants(prompt.variants);
  showFacts(item?.facts ?? {});

  write(part("say"), together(prompt.say));
  write(part("why"), prompt.why);
  showAnnouncements(prompt.announcements);
  part("problems").hidden = !prompt.problems.length;
  part("problems").title = prompt.problems.join("\n");

  write(part("next-link"), next?.link ?? "");
  write(part("next-name"), next?.title ?? words.presenter_next_none);
  write(part("next-price"), next?.price_text ?? "");
  write(part("next-say"), next?.say ?? "");
  showNote(note);
  tick();
  narrow();
  makeRoom();
  fit();
}

const widthOf = (text) => [...text].reduce((sum, sign) => sum + (sign < "\u2e80" ? 0.5 : 1), 0);

/** A number stays with the word that it counts: 12 件. */
const together = (text) => text.replace(/(\d) (?=\p{Script=Han})|(\p{Script=Han}) (?=\d)/gu, "$1$2\u00a0");

function showVariants(variants) {
  keepChildren(part("variants"), variants, {
    key: (each) => each.sku,
    make: () => {
      const made = element("li");
      made.append(element("span"), " ", element("b"));
      return made;
    },
    update(row, each) {
      row.className = [each.gone && "gone", each.chosen && "chosen"].filter(Boolean).join(" ");
      write(row.querySelector("span"), each.variant);
      write(row.querySelector("b"), each.left);
    },
  });
}

function showFacts(facts) {
  keepChildren(part("facts"), Object.entries(facts), {
    key: ([name]) => name,
    make: () => {
      const made = element("div");
      made.append(element("dt"), element("dd"));
      return made;
    },
    update(row, [name, text]) {
      write(row.querySelector("dt"), name);
      write(row.querySelector("dd"), text);
    },
  });
}

function showAnnouncements(announcements) {
  keepChildren(part("announcements"), announcements, {
    key: (each) => each.id,
    make: () => element("li"),
    update(row, each) {
      row.dataset.level = each.level;
      write(row, each.text);
    },
  });
}

let noted = data.prompt.note?.at;

function showNote(note) {
  const bar = part("note");
  bar.hidden = note === null;
  write(part("note-text"), note?.text ?? "");
  write(part("note-time"), note ? clock.time(note.at) : "");
  if (note && note.at !== noted) {
    bar.classList.remove("new");
    void bar.offsetWidth; // the flash begins anew
    bar.classList.add("new");
  }
  noted = note?.at;
}

function tick() {
  const lost = connected ? 0 : Date.now() - lostAt;
  write(part("lost-for"), lost < LOST_FOR ? "" : fill(words.presenter_lost_for, { ago: clock.span(lost / 1000) }));
  keepChildren(part("countdowns"), prompt.countdowns, {
    key: (each) => each.name,
    make: () => {
      const made = element("li");
      made.append(element("span"), " ", element("b"));
      return made;
    },
    update(row, each) {
      const left = clock.left(each.ends_at);
      row.classList.toggle("last", left <= 10);
      write(row.querySelector("span"), each.name);
      write(row.querySelector("b"), left ? clockText(left) : words.countdown_over);
      row.hidden = clock.now() - Date.parse(each.ends_at) > OVER_FOR;
    },
  });
}

const OVER_FOR = 60_000; // milliseconds for which it is said that a countdown is over

const { session, ...query } = data.follow;
follow(session, {
  path: "/ws/prompt",
  query,
  onFrame(frame) {
    clock.set(frame.server_time);
    if (frame.type === "prompt") prompt = frame;
    connected = true;
    if (frame.type === "prompt" || document.body.dataset.link === "lost") show();
  },
  onLink(live) {
    if (live !== null || !connected) return;
    [connected, lostAt] = [false, Date.now()];
    show();
  },
});

clock.set(data.server_time);
setInterval(tick, 250);
show();
keepAwake(part("sleeps"));
offerFullScreen(part("full-screen"));
