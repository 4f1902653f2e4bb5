// The inputs of a theme's options, one kind for each type: for the desk, and for whoever makes a theme.

const PICTURE = /\.(avif|gif|jpe?g|png|svg|webp)$/i;
const OPAQUE = 255;
const UNITS = { percentage: "%", "duration-ms": "ms" };

/** Whether `value` is one of the option {type, min, max, choices}. The server has the last word. */
export function fits({ type, min, max, choices }, value) {
  switch (type) {
    case "select": return choices.some(([word]) => word === value);
    case "boolean": return typeof value === "boolean";
    case "color-rrggbb": return /^#?[0-9a-f]{6}$/i.test(value);
    case "color-rrggbbaa": return /^#?[0-9a-f]{6}([0-9a-f]{2})?$/i.test(value);
    case "number": case "percentage": case "duration-ms":
      return Number.isFinite(value) && value >= (min ?? -Infinity) && value <= (max ?? Infinity) && (type !== "duration-ms" || Number.isInteger(value));
    case "single-line": return value.length <= 500 && !/[\p{Cc}\u2028\u2029]/u.test(value);
    case "multi-line": return value.length <= 2000;
    case "font": return value.length <= 100 && /^[\p{L}\p{N}_.-]+( [\p{L}\p{N}_.-]+)*$/u.test(value);
    case "image-path": return value === "" || /^https:\/\/[^\s"'<>\\]+$/.test(value) || (PICTURE.test(value) && !/[:\\?#]|^\/|(^|\/)\.\.(\/|$)/.test(value));
    default: return true;
  }
}

/**
 * The inputs of an option {type, min, max, choices: [[word, name]]} that has `value`, in one element. `given(value)` is called with
 * what is entered, as it is: it may not fit. `label` names them, `opacity` the slider of a colour's opacity.
 */
export function optionInputs(option, value, given, { label, opacity = "" }) {
  const place = document.createElement("span");
  place.className = `option-inputs ${option.type}`;
  place.append(...made(option, value, given, { label, opacity }));
  return place;
}

function made(option, value, given, { label, opacity }) {
  switch (option.type) {
    case "select": return [choice(option.choices, value, label, given)];
    case "boolean": return [flag(value, label, given)];
    case "color-rrggbb": return colour(value, label, given);
    case "color-rrggbbaa": return colour(value, label, given, opacity);
    case "number": case "percentage": case "duration-ms": return numbers(option, value, label, given);
    case "multi-line": {
      const area = Object.assign(document.createElement("textarea"), { value, rows: 3 });
      return [listened(named(area, label), () => given(area.value))];
    }
    default: {
      const line = input("text", value, label);
      return [listened(line, () => given(line.value))];
    }
  }
}

function choice(choices, value, label, given) {
  const made = document.createElement("select");
  made.append(...choices.map(([word, name]) => new Option(name, word)));
  made.value = value;
  made.addEventListener("change", () => given(made.value));
  return named(made, label);
}

function flag(value, label, given) {
  const box = input("checkbox", "", label);
  box.checked = value === true || value === "true";
  box.addEventListener("change", () => given(box.checked));
  return box;
}

// A colour is picked, or typed; #rrggbbaa has its opacity on a slider beside it.
function colour(value, label, given, opacity = null) {
  const picker = input("color", solid(value), label);
  const typed = input("text", value, `${label} #`);
  typed.maxLength = opacity === null ? 7 : 9;
  typed.spellcheck = false;
  const slider = opacity === null ? null : input("range", alphaOf(value), `${label} ${opacity}`);
  if (slider) Object.assign(slider, { min: 0, max: OPAQUE });
  const pick = () => {
    typed.value = picker.value + (slider ? Number(slider.value).toString(16).padStart(2, "0") : "");
    given(typed.value);
  };
  listened(picker, pick);
  if (slider) listened(slider, pick);
  listened(typed, () => {
    picker.value = solid(typed.value);
    if (slider) slider.value = alphaOf(typed.value);
    given(typed.value);
  });
  return slider ? [picker, slider, typed] : [picker, typed];
}

const solid = (text) => (/^#?[0-9a-f]{6}/i.test(text) ? `#${text.replace("#", "").slice(0, 6).toLowerCase()}` : "#000000");
function alphaOf(text) {
  const digits = text.replace("#", "").slice(6, 8);
  return digits.length === 2 ? parseInt(digits, 16) : OPAQUE;
}

function numbers({ type, min, max }, value, label, given) {
  const plain = parseFloat(value);
  const exact = input("number", plain, label);
  Object.assign(exact, { min: min ?? "", max: max ?? "", step: "any" });
  const unit = UNITS[type] ? [Object.assign(document.createElement("span"), { className: "unit", textContent: UNITS[type] })] : [];
  if (min === null || max === null || min === undefined || max === undefined) {
    return [listened(exact, () => given(exact.valueAsNumber)), ...unit];
  }
  const slider = input("range", "", label);
  slider.tabIndex = -1; // the number beside it takes the same keys
  Object.assign(slider, { min, max, step: step(min, max) });
  slider.value = plain;
  listened(slider, () => {
    exact.value = slider.value;
    given(slider.valueAsNumber);
  });
  listened(exact, () => {
    if (!Number.isNaN(exact.valueAsNumber)) slider.value = exact.value;
    given(exact.valueAsNumber);
  });
  return [slider, exact, ...unit];
}

// A hundred steps or so, each a round number.
const step = (min, max) => 10 ** Math.floor(Math.log10((max - min) / 50 || 1));

function input(type, value, label) {
  const made = document.createElement("input");
  made.type = type;
  made.autocomplete = "off";
  made.value = value;
  return named(made, label);
}

function named(made, label) {
  made.setAttribute("aria-label", label);
  return made;
}

function listened(made, listener) {
  made.addEventListener("input", listener);
  return made;
}
