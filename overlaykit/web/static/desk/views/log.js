// The log: the ledger in words, searched on the server, the newest entry first.

import { element, fill, write } from "../dom.js";
import { itemPicker } from "../item_picker.js";
import { windowedList } from "../list.js";
import { entryDialog } from "./log/entry.js";

const KINDS = ["orders", "stock", "items", "screen", "rules", "obs", "connectors", "session"];
const SOURCES = ["desk", "button", "rule", "connector", "api", "obs", "clock"];
const MEASURING = ["obs", "clock"];
const PAGE = 200;
const NEWS = 500; // entries read at once when there are new ones
const NEWS_EVERY = 500;
const KEPT = 20_000; // entries that the page keeps while new ones arrive; older ones are read again when somebody scrolls there
const TYPED = 250;
const STEPS = 10; // requests without a find after which somebody is asked whether to go on

/** The view of it. */
export function logView(section, desk) {
  const { words: say, room, clock } = desk;
  const form = section.querySelector("form");
  const kinds = section.querySelector(".log-kinds");
  const list = section.querySelector(".log-list");
  const newsButton = section.querySelector(".log-news");
  const ending = section.querySelector(".log-end [role=status]");
  const goOn = section.querySelector(".log-end button");
  const lines = windowedList(list, list.firstElementChild, {
    make: madeLine,
    update: fillLine,
    open: (seq) => openEntry(seq),
    nearEnd: () => state.paused || older(),
    top: (reached) => reached && news(),
  });
  const bySeq = new Map();
  const openEntry = entryDialog(desk, (about) => {
    clear();
    if (about.sku) item.set(about.sku);
    order = about.order ?? "";
    restart();
  });
  const item = itemPicker(desk, say.log_item, { none: say.log_any_item, changed: () => restart() });
  form.querySelector(".log-item").append(item.place);
  let order = "";
  let typing = 0;
  let waiting = 0;
  let state = null;
  let request = null;

  function madeLine() {
    const line = element("div", "log-line");
    line.setAttribute("role", "option");
    line.append(element("time", ""), element("span", "kind"), element("span", "who"), element("span", "text"), element("span", "unseen"));
    return line;
  }

  function fillLine(line, seq, place) {
    const entry = bySeq.get(seq);
    const [time, kind, who, text, mark] = line.children;
    write(time, clock.time(entry.at));
    write(kind, say[`log_kind_${entry.kind}`]);
    write(who, entry.who);
    write(text, entry.text);
    write(mark, entry.emphasis === "alarm" ? say.log_alarm : "");
    line.dataset.emphasis = entry.emphasis;
    line.dataset.refused = entry.refused;
    line.dataset.kind = entry.kind;
    line.setAttribute("aria-posinset", place + 1);
    line.setAttribute("aria-setsize", -1);
  }

  // What is sought.

  const sought = () => {
    const { text, source } = form.elements;
    const pressed = [...kinds.querySelectorAll(".of-kind[aria-pressed=true]")].map(({ value }) => value);
    const words = text.value.trim();
    // What OBS measures and how fast all sells would push all else off the page, every few seconds: it is there for whoever asks for it.
    const measured = words !== "" || MEASURING.includes(source.value) || pressed.includes("obs");
    const emphasis = alarms.ariaPressed === "true" ? "alarm" : measured ? "" : "alarm,normal";
    return { text: words, sku: item.value(), source: source.value, kind: pressed.join(","), emphasis, order };
  };

  function clear() {
    form.elements.text.value = "";
    item.set(null);
    form.elements.source.value = "";
    order = "";
    for (const chip of kinds.children) chip.setAttribute("aria-pressed", chip.classList.contains("of-order"));
  }

  function showOrder() {
    const chip = kinds.querySelector(".of-order");
    chip.hidden = !order;
    write(chip, order ? `${fill(say.log_order_only, { order })} ✕` : "");
  }

  function chip(text, className, act) {
    const button = element("button", className, text);
    button.type = "button";
    button.addEventListener("click", () => {
      act(button);
      restart();
    });
    kinds.append(button);
    return button;
  }

  const toggle = (self) => self.setAttribute("aria-pressed", self.ariaPressed !== "true");
  const alarms = chip(say.log_alarms, "chip of-alarm", toggle);
  alarms.setAttribute("aria-pressed", "false");
  for (const kind of KINDS) {
    const button = chip(say[`log_kind_${kind}`], "chip of-kind", toggle);
    button.value = kind;
    if (kind === "obs") button.title = say.log_obs_measured;
    button.setAttribute("aria-pressed", "false");
  }
  chip("", "chip of-order", () => {
    order = "";
  }).setAttribute("aria-pressed", "true");
  form.elements.source.append(new Option(say.log_any_who, ""), ...SOURCES.map((name) => new Option(say[`log_who_${name}`], name)));
  for (const [name, title] of Object.entries(desk.plan.channels)) form.elements.source.append(new Option(title, `connector:${name}`));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    if (target === item.input) return;
    clearTimeout(typing);
    typing = setTimeout(restart, TYPED);
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    clear();
    restart();
  });
  newsButton.addEventListener("click", () => {
    lines.toTop();
    news();
  });
  goOn.addEventListener("click", () => {
    state.paused = false;
    state.steps = 0;
    older();
  });

  // What is read. `state`: entries, next (`before` of the next older ones, null at the end), through, head (seq up to which news are known).

  function restart() {
    clearTimeout(typing);
    request?.abort();
    request = new AbortController();
    state = { entries: [], next: undefined, through: 0, head: 0, heldFrom: 1, busy: false, paused: false, steps: 0, failed: "", unread: 0, more: false };
    showOrder();
    lines.toTop();
    draw();
    older();
  }

  async function read(values) {
    const mine = state;
    mine.busy = true;
    try {
      const asked = { ...sought(), ...values, locale: desk.lang };
      const { body, text } = await desk.ask(`${desk.api}/log`, asked, { signal: request.signal });
      if (mine !== state) return null;
      mine.busy = false;
      mine.failed = text;
      if (!body) mine.paused = true;
      return body;
    } catch {
      return null; // something else is sought by now
    }
  }

  async function older() {
    if (state.busy || state.next === null) return;
    const mine = state;
    const found = await read({ before: state.next, limit: PAGE });
    if (found) {
      if (mine.next === undefined) mine.head = found.head;
      mine.entries = mine.entries.concat(found.entries);
      [mine.next, mine.through, mine.heldFrom] = [found.next, found.through ?? mine.through, found.held_from];
      mine.steps = found.entries.length ? 0 : mine.steps + 1;
      mine.paused = mine.steps >= STEPS;
    }
    if (mine !== state) return;
    draw();
    newsSoon();
  }

  // New entries come to the top, where they move nothing that is being read; further down they are counted.
  async function news() {
    if (state.next === undefined || state.head >= room.seq) return;
    if (state.busy) {
      newsSoon(); // perhaps nothing else happens that would ask again
      return;
    }
    if (state.more && !lines.atTop()) return; // there are more than are counted
    const mine = state;
    const found = await read({ after: mine.head, limit: NEWS });
    if (!found || mine !== state) return;
    if (!lines.atTop()) {
      [mine.unread, mine.more] = [found.entries.length, found.next !== null];
      if (!mine.unread && !mine.more) mine.head = found.head;
    } else {
      const gap = found.next !== null; // more than are read at once: what lies between is read when somebody scrolls there
      mine.entries = gap ? found.entries : found.entries.concat(mine.entries);
      if (gap) [mine.next, mine.through] = [found.next, found.through];
      if (mine.entries.length > KEPT) {
        mine.entries = mine.entries.slice(0, KEPT / 2);
        mine.next = mine.entries.at(-1).seq;
      }
      [mine.head, mine.unread, mine.more] = [found.head, 0, false];
    }
    draw();
  }

  function newsSoon() {
    waiting ||= setTimeout(() => {
      waiting = 0;
      if (!section.hidden) news();
    }, NEWS_EVERY);
  }

  function draw() {
    const answered = state.next !== undefined || state.failed;
    if (answered) show(state.entries); // until then what was there before stays
    list.setAttribute("aria-busy", !answered);
    newsButton.hidden = !state.unread || lines.atTop();
    write(newsButton, `↑ ${fill(state.more ? say.log_news_more : say.log_news, { n: state.unread })}`);
    goOn.hidden = !state.paused;
    write(goOn, state.failed ? say.log_again : say.log_go_on);
    write(ending, said());
  }

  function show(entries) {
    bySeq.clear();
    for (const entry of entries) bySeq.set(entry.seq, entry);
    lines.show([...bySeq.keys()]);
    list.toggleAttribute("data-empty", entries.length === 0);
  }

  function said() {
    if (state.failed) return state.failed;
    if (state.paused) return fill(say.log_paused, { n: state.through });
    if (state.next !== null && !state.busy && state.entries.length) return fill(say.log_more, { n: state.through });
    if (state.next !== null) return state.through ? fill(say.log_looking, { n: state.through }) : say.log_loading;
    const end = state.heldFrom > 1 ? fill(say.log_trimmed, { n: state.heldFrom, session: room.session.id }) : say.log_beginning;
    return state.entries.length ? end : `${say.log_nothing} · ${end}`;
  }

  restart();
  return {
    show(changes) {
      if (changes.all && state.head > room.seq) restart(); // the ledger is another one now
      newsSoon();
    },
    opened(detail) {
      const seq = /^seq-([0-9]{1,15})$/.exec(detail);
      if (seq) openEntry(Number(seq[1]));
    },
  };
}
