// The controls: one row for each field of the scene and each option of the theme. A row that was not touched leaves the
// field to the state; ↺ gives it back.
import { optionInputs } from "/static/options/inputs.js";

const UNITS = 99999;
const TITLES = {
  short: { "zh-CN": "大衣", en: "Coat" },
  long: {
    "zh-CN": "【直播间专享加赠运费险】澳洲美利奴双面羊绒大衣女中长款秋冬新款高级感廓形外套送真丝内搭",
    en: "Live-room exclusive: Australian merino double-faced wool coat, mid-length relaxed fit, with a silk inner top",
  },
};

/** Builds the form anew. `scene()` gives the scene as it is, `change(fields)` sets fields of it, `seek(share)` the sample's place. */
export function buildControls(form, { words, ui, theme, scene, change, seek }) {
  const undo = [];
  const now = scene();

  function row(name, label, inputs, { set, reset } = {}) {
    const made = element("label", "row");
    made.dataset.field = name;
    const back = element("button", "undo", "↺");
    back.type = "button";
    back.title = words.undo;
    back.onclick = (event) => {
      event.preventDefault();
      reset();
      made.classList.remove("set");
    };
    made.classList.toggle("set", Boolean(set));
    made.append(element("span", "", label), ...inputs, ...(reset ? [back] : []));
    undo.push(back);
    return made;
  }

  function touched(input) {
    input.closest(".row")?.classList.add("set");
  }

  function units(name, label, max = UNITS, min = 0, start = min) {
    const slider = input("range", { min: 0, max: 1000, value: position(now[name] ?? start, max) });
    const exact = input("number", { min, max: 10000000, value: now[name] ?? "", placeholder: "–" });
    slider.oninput = () => {
      exact.value = Math.max(min, amount(slider.valueAsNumber, max));
      change({ [name]: exact.valueAsNumber });
      touched(slider);
    };
    exact.oninput = () => {
      if (!exact.checkValidity()) return;
      const value = Number.isNaN(exact.valueAsNumber) ? null : exact.valueAsNumber;
      slider.value = position(value ?? 0, max);
      change({ [name]: value });
      touched(exact);
    };
    return row(name, label, [slider, exact], { set: now[name] !== null, reset: () => { exact.value = ""; change({ [name]: null }); } });
  }

  function text(name, label, more = {}) {
    const field = input("text", { value: now[name] ?? "", placeholder: "–", className: "wide", ...more });
    field.oninput = () => {
      if (!field.checkValidity()) return;
      change({ [name]: field.value === "" ? null : field.value });
      touched(field);
    };
    return row(name, label, [field], { set: now[name] !== null, reset: () => { field.value = ""; change({ [name]: null }); } });
  }

  function choice(name, label, pairs, { free = true } = {}) {
    const field = select([...(free ? [["", "–"]] : []), ...pairs], now[name] === null ? "" : String(now[name]));
    field.onchange = () => {
      const value = field.value === "" && free ? null : field.value;
      change({ [name]: value === "true" ? true : value === "false" ? false : value });
      if (free) touched(field);
    };
    return row(name, label, [field], free ? { set: now[name] !== null, reset: () => { field.value = ""; change({ [name]: null }); } } : {});
  }

  const yesNo = [["true", "✓"], ["false", "✗"]];
  const named = (names, known = {}) => names.map((name) => [name, known[name] ?? name]);

  const titles = element("div", "buttons");
  for (const length of ["short", "long"]) {
    const button = element("button", "", words[length]);
    button.type = "button";
    button.onclick = () => {
      const value = TITLES[length][scene().locale];
      change({ title: value });
      const field = form.querySelector('[data-field="title"] input');
      field.value = value;
      touched(field);
    };
    titles.append(button);
  }

  const place = input("range", { min: 0, max: 1000, value: 0, className: "wide" });
  place.oninput = () => seek(place.valueAsNumber / 1000);
  const playing = input("checkbox", { checked: now.playing });
  playing.onchange = () => change({ playing: playing.checked });

  form.onsubmit = (event) => event.preventDefault();
  form.replaceChildren(
    fieldset(words.scene, [
      choice("state", words.state, named(theme.states, words.states), { free: false }),
      choice("locale", words.locale, [["zh-CN", "中文 zh-CN"], ["en", "English en"]], { free: false }),
      choice("link", words.link, ["live", "stale", "lost"].map((name) => [name, words[name]]), { free: false }),
    ]),
    fieldset(words.options, Object.entries(theme.options).flatMap(([name, option]) => optionRows(name, option))),
    fieldset(words.item, [
      text("title", words.title, { maxLength: 300 }), titles,
      text("subtitle", words.subtitle, { maxLength: 300 }),
      units("available", words.available), units("opening", words.opening), units("sold", words.sold), units("held", words.held, 500),
      text("price", words.price, { pattern: "[0-9]{1,9}(\\.[0-9]{1,2})?" }),
      text("list_price", words.list_price, { pattern: "[0-9]{1,9}(\\.[0-9]{1,2})?" }),
      choice("item_state", words.item_state, named(["upcoming", "on_sale", "low", "critical", "sold_out", "presale", "closed"], words.item_states)),
      choice("stale", words.item_stale, yesNo),
      units("countdown", words.countdown, 7200),
      choice("drop", words.drop, yesNo), choice("regions", words.regions, yesNo),
      choice("picture", words.picture, yesNo, { free: false }),
    ]),
    fieldset(words.room, [
      choice("status", words.status, named(["planned", "live", "frozen", "closed"], words.statuses)),
      choice("on_air", words.on_air, yesNo),
      units("items", words.items, 500, 1),
      units("announcements", words.announcements, 3),
    ]),
    fieldset(words.sample, [
      choice("sample", words.sample, [["", words.none], ...named(theme.samples)], { free: false }),
      row("playing", words.playing, [playing]),
      speed(), row("place", words.place, [place]),
    ]),
  );

  function speed() {
    const field = select(["0.5", "1", "2", "4", "10", "30"].map((value) => [value, `×${value}`]), String(now.speed));
    field.onchange = () => change({ speed: Number(field.value) });
    return row("speed", words.speed, [field]);
  }

  function optionRows(name, option) {
    const label = told(option.label, ui) || name;
    const value = now.options[name] ?? option.default;
    const set = (given) => change({ options: { ...scene().options, [name]: given } });
    const typed = { ...option, choices: option.choices?.map((word) => [word, told(option.labels?.[word], ui) || word]) };
    const inputs = optionInputs(typed, value, (given) => {
      if (Number.isNaN(given)) return; // a number that is being typed; of all else the server says what is wrong
      set(given);
      touched(inputs);
    }, { label, opacity: words.opacity });
    inputs.classList.add("wide");
    const made = row(`option.${name}`, label, [inputs], {
      set: name in now.options,
      reset: () => {
        const options = { ...scene().options };
        delete options[name];
        change({ options });
        made.replaceWith(optionRows(name, option)[0]);
      },
    });
    const help = told(option.help, ui);
    return help ? [made, element("p", "help", help)] : [made];
  }

  return { progress: (share) => { if (document.activeElement !== place) place.value = share * 1000; } };
}

// Sliders are finer where numbers are small: 0, 1, 2 … and still 99,999 at the end.
function amount(place, max) {
  return max <= 1000 ? Math.round((place / 1000) * max) : Math.round(max * (place / 1000) ** 3);
}

function position(value, max) {
  return max <= 1000 ? (value / max) * 1000 : Math.cbrt(value / max) * 1000;
}

function told(text, ui) {
  return typeof text === "object" && text !== null ? text[ui] ?? Object.values(text)[0] : text;
}

function element(name, kind = "", text = "") {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text) made.textContent = text;
  return made;
}

function input(type, more) {
  return Object.assign(document.createElement("input"), { type, ...more });
}

function select(pairs, value) {
  const made = element("select", "wide");
  for (const [word, text] of pairs) made.append(new Option(text, word));
  made.value = value;
  return made;
}

function fieldset(title, rows) {
  const made = document.createElement("fieldset");
  made.append(element("legend", "", title), ...rows);
  return made;
}
