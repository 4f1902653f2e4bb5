// How the overlays look: a form of the theme's options with a preview beside it. Nothing goes on air before it is applied.

import { element, fill, keepChildren, nextId, replaceChanged, write } from "../dom.js";
import { copiesOnClick } from "../press.js";
import { fits, optionInputs } from "/static/options/inputs.js";
import { draftOf, lookAsToml } from "./theme/draft.js";
import { previewOf } from "./theme/preview.js";

const LOOKED_AT_EVERY = 5; // seconds: another desk may change it, too

/** The view of it. */
export function themeView(section, desk) {
  const { words: say, may, room } = desk;
  const find = (query) => section.querySelector(query);
  const [form, chooser] = [find(".options"), find("#look-theme")];
  const draft = draftOf();
  const preview = previewOf(find(".preview"), desk);
  const rows = new Map(); // option → what its inputs were made of
  let [ticks, asking, known] = [0, 0, ""];

  async function look(theme = draft.theme()) {
    const mine = (asking += 1);
    const { body: found, text: failed } = await desk.ask("/desk/themes.json", { theme });
    if (mine !== asking) return;
    find(".unknown").hidden = !failed;
    if (!found) return write(find(".unknown"), failed);
    const text = JSON.stringify(found);
    if (text === known) return;
    known = text;
    desk.look = found; // what is applied from here can be undone from anywhere
    draft.take(found);
    build();
  }

  function build() {
    const { themes, chosen } = draft.given();
    find(".appearance").hidden = false;
    replaceChanged(chooser, themes.map(({ name, title }) => new Option(title.toLowerCase() === name ? title : `${title} · ${name}`, name)));
    chooser.value = draft.theme();
    chooser.disabled = !may;
    const broken = themes.find(({ name }) => name === draft.theme())?.error;
    write(find(".broken"), broken ? fill(say.theme_broken, { why: broken }) : "");
    const groups = new Map();
    for (const option of chosen?.options ?? []) {
      if (!groups.has(option.group)) groups.set(option.group, []);
      groups.get(option.group).push(option);
    }
    keepChildren(form, [...groups], {
      key: ([title]) => title,
      make: ([title]) => {
        const group = element("fieldset");
        group.append(element("legend", "", title || say.theme_options));
        return group;
      },
      update: (group, [, options]) => keepChildren(group, options, { key: keyOf, make: row, update() {} }),
    });
    preview.offer(chosen?.layouts ?? []);
    show();
  }

  /** An option whose key stays keeps its inputs, with what is being typed there, whatever another desk has changed beside it. */
  function keyOf(option) {
    const { now, planned, ...itself } = option;
    const [of, value] = [JSON.stringify([draft.given().chosen.name, itself]), draft.value(option)];
    const before = rows.get(option.name);
    const same = before?.of === of && (draft.isTouched(option) || before.value === value);
    if (!same) rows.set(option.name, { of, value, key: nextId("option") });
    return rows.get(option.name).key;
  }

  function row(option) {
    const line = element("div", "option");
    line.dataset.option = option.name;
    const label = element("span", "label", option.label);
    const wrong = element("p", "wrong");
    wrong.id = `look-wrong-${option.name}`;
    const back = element("button", "back", "↺");
    back.type = "button";
    back.title = say.theme_back;
    back.setAttribute("aria-label", `${say.theme_back}: ${option.label}`);
    back.addEventListener("click", () => {
      draft.back(option.name);
      rows.delete(option.name);
      build();
      find(`[data-option="${option.name}"] :is(input, select, textarea)`)?.focus();
    });
    const inputs = optionInputs(option, draft.value(option), (value) => {
      draft.set(option.name, value);
      rows.get(option.name).value = value;
      show();
    }, { label: option.label, opacity: say.theme_opacity });
    for (const input of inputs.querySelectorAll("input, select, textarea")) {
      input.disabled = !may;
      input.setAttribute("aria-describedby", wrong.id);
    }
    line.append(label, inputs, element("em", "changed"), back);
    if (option.help) line.append(element("small", "help", option.help));
    line.append(wrong);
    return line;
  }

  /** What the draft says now: marks, buttons, preview. */
  function show() {
    const { chosen, changed, now } = draft.given();
    const wrong = [];
    for (const option of chosen?.options ?? []) {
      const line = find(`[data-option="${option.name}"]`);
      const right = fits(option, draft.value(option));
      if (!right) wrong.push(option.name);
      write(line.querySelector(".wrong"), right ? "" : option.expects);
      for (const input of line.querySelectorAll("input, select, textarea")) input.setAttribute("aria-invalid", String(!right));
      const pending = draft.pending(option);
      const here = option.name in changed.options;
      line.dataset.mark = pending ? "draft" : here ? "changed" : "";
      write(line.querySelector(".changed"), pending ? say.theme_draft : here ? say.theme_changed : "");
      line.querySelector(".back").hidden = !may || (draft.isPlanned(option) && !pending);
    }
    const otherTheme = draft.theme() !== now.theme;
    const mark = otherTheme ? say.theme_draft : changed.theme !== null ? say.theme_changed : "";
    write(find(".choose .changed"), mark);
    const count = draft.count();
    write(find(".pending"), wrong.length ? fill(say.theme_wrong, { n: wrong.length }) : count ? fill(say.theme_pending, { n: count }) : "");
    const apply = find(".apply");
    if (apply && !apply.dataset.busy) apply.disabled = count === 0 || wrong.length > 0 || !chosen;
    find(".discard").hidden = count === 0;
    const allBack = find(".all-back");
    if (allBack) allBack.hidden = changed.theme === null && Object.keys(changed.options).length === 0;
    if (!find(".toml").hidden) write(find(".toml"), lookAsToml(draft));
    if (chosen && !wrong.length) preview.show(draft.query());
    countOpen();
  }

  function countOpen() {
    write(find(".summary"), fill(say.theme_open, { n: desk.overlays.open() }));
  }

  /** What was chosen stays so until the room says it; what is chosen meanwhile stays in the draft. */
  async function applying(button, values, done = () => {}) {
    if (button.dataset.busy) return;
    button.dataset.busy = "yes"; // not disabled: it would lose the focus
    const { ok, text, outcome } = await desk.act("overlay.set", values, { told: false });
    write(find(".bar .alarm"), text);
    if (ok) {
      await room.reached(outcome.seq ?? 0);
      done();
    }
    delete button.dataset.busy;
    await look(draft.theme());
    show();
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  chooser.addEventListener("change", () => {
    draft.choose(chooser.value);
    look(chooser.value);
  });
  find(".apply")?.addEventListener("click", (event) => applying(event.currentTarget, draft.command()));
  find(".all-back")?.addEventListener("click", (event) => {
    const { changed } = draft.given();
    const options = Object.fromEntries(Object.keys(changed.options).map((name) => [name, null]));
    applying(event.currentTarget, { ...(changed.theme === null ? {} : { theme: null }), options }, draft.discard);
  });
  find(".discard").addEventListener("click", () => {
    draft.discard();
    known = "";
    look(draft.theme());
  });
  copiesOnClick(find(".copy"), say, () => {
    const toml = find(".toml");
    toml.hidden = false;
    write(toml, lookAsToml(draft));
    return toml.textContent;
  });
  desk.history.listen(() => !section.hidden && look());

  return {
    show() {},
    tick() {
      ticks += 1;
      countOpen();
      if (ticks % LOOKED_AT_EVERY === 0) look();
    },
    opened: () => look(),
  };
}
