// Numbers as the server's filters write them, for what moves between two frames of it.

const COMPACT_FROM = 10000;
const MYRIADS = [1e8, 1e4], THOUSANDS = [1e9, 1e6, 1e3];
const made = new Map();

/** `value` in the page's language: in full, or with format "count" in short, cut like the filter `count`. */
export function written(value, format) {
  if (format !== "count" || Math.abs(value) < COMPACT_FROM) return plain({}).format(value);
  const language = document.documentElement.lang.split("-")[0];
  const units = ["zh", "ja", "ko"].includes(language) ? MYRIADS : THOUSANDS;
  const step = units.find((unit) => unit <= Math.abs(value)) / 10;
  return plain({ notation: "compact", maximumFractionDigits: 1 }).format(Math.trunc(value / step) * step);
}

/** Days, hours … in words: 3天, 3 days. */
export function span(count, unit) {
  return plain({ style: "unit", unit, unitDisplay: "long" }).format(count);
}

/** A share as a percentage, cut: only nothing is 0 %. */
export function percent(share) {
  return plain({ style: "percent" }).format((share > 0 ? Math.max(1, Math.floor(share * 100 + 1e-6)) : 0) / 100);
}

function plain(options) {
  const key = document.documentElement.lang + JSON.stringify(options);
  if (!made.has(key)) made.set(key, new Intl.NumberFormat(document.documentElement.lang, options));
  return made.get(key);
}
