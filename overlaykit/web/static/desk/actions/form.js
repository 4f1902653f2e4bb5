// Dialogs: what an action has to be told, and whether it is really wanted.
//
// A field: {name, type, label, required, value, options, suggestions, min, max, when, fixed, presets, empty, hint, more}. Types: sku (an
// item of the room, see item_picker.js), integer, text, choice (one of `options`), duration (seconds: "90", "1:30", "1:00:00"), day, money,
// level ("20%" or "50"), flag, rows (rows.js). `when`: {field: value} with which it is asked at all; `more`: it stands behind "More".

import { clockText } from "../clock.js";
import { openDialog } from "../dialog.js";
import { element, fill, nextId, write } from "../dom.js";
import { itemPicker } from "../item_picker.js";
import { rowsField } from "./rows.js";

const PATTERNS = { money: "[0-9]{1,12}(\\.[0-9]{1,4})?", level: "[0-9]{1,9}(\\.[0-9]{1,2})?%?", duration: "[0-9]{1,6}(:[0-5]?[0-9]){0,2}" };
const INPUTS = { integer: "number", day: "date", flag: "checkbox" };

/** What `clockText` wrote, or somebody typed, in seconds. */
const secondsOf = (text) => text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

/** What somebody typed with full-width signs or a 。 for the point, with the currency, or copied with commas between thousands, as `PATTERNS` has it. */
function plain(type, text) {
  const typed = text.normalize("NFKC").trim().replace(/(?<=[0-9])。(?=[0-9])/g, ".");
  if (type !== "money") return typed;
  const amount = typed.replace(/^[¥$€£]\s*|\s*元$/g, "");
  return /^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$/.test(amount) ? amount.replaceAll(",", "") : amount;
}

function button(className, label, type = "button") {
  const made = element("button", className, label);
  made.type = type;
  return made;
}

/** Asks whether to do what has this consequence, said further by the nodes `more`. What is safe has the focus. */
export function confirmed(words, title, consequence, { label = title, more = [] } = {}) {
  const { dialog, body, closed, open, close } = openDialog("confirm", title);
  dialog.setAttribute("role", "alertdialog");
  const text = element("p", "consequence", consequence);
  text.id = nextId("text");
  dialog.setAttribute("aria-describedby", text.id);
  const keys = element("div", "keys");
  const [no, yes] = [button("no", words.cancel), button("danger", label)];
  no.autofocus = true;
  no.addEventListener("click", () => close(false));
  yes.addEventListener("click", () => close(true));
  keys.append(no, yes);
  body.append(text, ...more, keys);
  open();
  return closed.then(Boolean);
}

/** One field as a label with its input. `read()` gives its value, undefined when it is empty; `changed()` is called when another item is chosen. */
function fieldOf(field, desk, changed) {
  const { words } = desk;
  if (field.type === "rows") return rowsField(field, desk, nextId(field.name));
  const place = element("div", "field");
  place.dataset.name = field.name;
  const id = nextId(field.name);
  const label = element("label", field.required ? "required" : "", field.label);
  label.htmlFor = id;
  const which = element("small", "which");
  const chosen = () => {
    tell();
    changed();
  };
  const items = field.type === "sku" ? itemPicker(desk, null, { none: field.required ? null : words.item_none, changed: chosen }) : null;
  const input = items?.input ?? element(field.type === "choice" ? "select" : "input");
  input.id = id;
  input.name = field.name;
  input.required = Boolean(field.required);
  if (field.type === "choice") input.append(...field.options.map(({ value, label: text }) => new Option(text, value)));
  else input.type = INPUTS[field.type] ?? "text";
  if (field.type === "integer") Object.assign(input, { min: field.min, max: field.max, step: 1, inputMode: "numeric" });
  if (field.type === "text" && field.max) input.maxLength = field.max;
  if (PATTERNS[field.type]) input.pattern = PATTERNS[field.type];
  if (field.hint) input.placeholder = field.hint;
  if (field.type === "money") input.inputMode = "decimal";
  input.autocomplete = "off";
  place.append(label, items?.place ?? input);
  if (items) place.append(which);
  if (field.suggestions?.length) {
    const list = element("datalist");
    list.id = nextId("list");
    list.append(...field.suggestions.map((value) => new Option("", value)));
    input.setAttribute("list", list.id);
    place.append(list);
  }
  if (field.presets) {
    const presets = element("div", "presets");
    for (const seconds of field.presets) {
      const preset = button("preset", clockText(seconds));
      preset.addEventListener("click", () => {
        input.value = clockText(seconds);
        input.dispatchEvent(new Event("input", { bubbles: true }));
      });
      presets.append(preset);
    }
    if (field.empty) {
      const none = button("preset", field.empty);
      none.addEventListener("click", () => (input.value = ""));
      presets.append(none);
    }
    place.append(presets);
  }
  if (items) {
    items.set(field.value ?? null);
    tell();
  } else setValue(input, field);
  if (field.fixed) input.readOnly = true;

  // A long title leaves no room for the variant, and variants have the same title.
  function tell() {
    const item = desk.room.items.get(items.value());
    write(which, item?.variant ? [item.variant, item.sku].join(" · ") : "");
  }

  function read() {
    if (field.type === "flag") return input.checked;
    if (items) return items.value() ?? undefined;
    const text = input.value.trim();
    if (text === "") return field.type === "text" && !field.required ? "" : undefined;
    if (field.type === "integer") return input.valueAsNumber;
    if (field.type === "duration") return secondsOf(text);
    return text;
  }

  function check() {
    if (PATTERNS[field.type]) input.value = plain(field.type, input.value);
    items?.settle();
    input.setCustomValidity("");
    input.setCustomValidity(wrong());
    return place.hidden || input.reportValidity();
  }

  // The browser's own messages are in its language, and do not say what is expected.
  function wrong() {
    const { valid, valueMissing, patternMismatch, badInput, rangeUnderflow, rangeOverflow, stepMismatch } = input.validity;
    if (items && input.value.trim() && items.value() === null) return words.no_such_item;
    if (valid) return "";
    if (valueMissing && !badInput) return fill(words.field_missing, { field: field.label });
    if (patternMismatch) return words[`expects_${field.type}`];
    if (field.type !== "integer" || !(badInput || rangeUnderflow || rangeOverflow || stepMismatch)) return input.validationMessage;
    const { min, max } = field;
    if (min === undefined) return words.expects_integer;
    return max === undefined || max >= 1e9 ? fill(words.expects_integer_from, { min }) : fill(words.expects_integer_within, { min, max });
  }

  input.addEventListener("input", () => input.setCustomValidity(""));

  return { place, input, field, read, check };
}

/** What is changed seldom: its names stand on what opens it. */
function moreOf(inputs, words) {
  const [details, summary] = [element("details", "more"), element("summary", "", words.more)];
  summary.append(element("small", "", inputs.map(({ field }) => field.short ?? field.label).join(words.comma)));
  details.append(summary, ...inputs.map(({ place }) => place));
  return details;
}

function setValue(input, { type, value }) {
  if (value === undefined || value === null) return;
  if (type === "flag") input.checked = value;
  else input.value = type === "duration" ? clockText(value) : value;
}

/**
 * Asks for what an action has to be told, beginning with `values`, and hands it to `submit(values)` → {ok, text}: once that is done,
 * the dialog closes; what went wrong stands in it. Gives what was submitted last, or null.
 */
export function asked(desk, { title, fields, values, seen = () => ({}), hint = () => "", danger = false, label }, submit) {
  const { body, closed, open, close } = openDialog("form", title);
  const { words } = desk;
  const form = element("form");
  form.noValidate = true;
  const inputs = fields.map((field) => fieldOf({ ...field, value: values[field.name] ?? field.value }, desk, itemChosen));
  const said = element("p", "hint");
  said.setAttribute("aria-live", "polite");
  const alarm = element("p", "alarm");
  alarm.setAttribute("role", "alert");
  const keys = element("div", "keys");
  const [no, yes] = [button("no", words.cancel), button(danger ? "danger" : "yes", label ?? title, "submit")];
  no.addEventListener("click", () => close(null));
  keys.append(no, yes);
  const further = inputs.filter(({ field }) => field.more);
  form.append(...inputs.filter((each) => !further.includes(each)).map(({ place }) => place));
  if (further.length) form.append(moreOf(further, words));
  form.append(said, alarm, keys);
  body.append(form);

  const shown = {};
  const collected = () => ({
    ...values,
    ...Object.fromEntries(inputs.filter(({ place }) => !place.hidden).map(({ field, read }) => [field.name, read()])),
    ...shown,
  });
  const lookAgain = () => Object.assign(shown, seen(collected()));

  function show() {
    for (const { place, field } of inputs) {
      if (!field.when) continue;
      const [[name, value]] = Object.entries(field.when);
      place.hidden = inputs.find((each) => each.field.name === name).read() !== value;
    }
    write(said, hint(collected()));
    said.hidden = !said.textContent;
  }

  function itemChosen() {
    lookAgain();
    show();
  }

  // What is wrong where nobody looks is shown.
  form.addEventListener("invalid", ({ target }) => target.closest("details")?.setAttribute("open", ""), true);

  form.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLSelectElement) lookAgain();
    show();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.target instanceof HTMLSelectElement)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (yes.dataset.busy || !inputs.every(({ check }) => check())) return;
    yes.dataset.busy = "yes"; // not disabled: it would lose the focus
    const answer = await submit(collected());
    delete yes.dataset.busy;
    if (answer.ok) {
      close(answer);
      return;
    }
    write(alarm, answer.text);
    lookAgain();
    show();
  });

  lookAgain();
  show();
  open();
  const first = inputs.find(({ field, input }) => !field.fixed && !input.value && field.required) ?? inputs.find(({ field }) => !field.fixed);
  first?.input.focus();
  if (first?.input instanceof HTMLInputElement && first.field.type !== "flag") first.input.select();
  return closed;
}
