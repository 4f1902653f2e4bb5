// A field of rows, as many as are filled in: the aliases of an item, its facts, the items that a bundle is made of.
//
// Field: {name, label, columns, value: rows of cells, add: what the button that adds a row says, required}. A column: {label, type,
// max, value, wrong}; types: text, integer (from 1), item (item_picker.js), of which `wrong(sku)` says why it cannot stand there. A row
// that is as it began is left out.

import { element, fill } from "../dom.js";
import { itemPicker } from "../item_picker.js";

const MOST = 200; // entries of a table of an item

/** One field: what a field of form.js is, but for `read()`, which gives rows of cells. */
export function rowsField(field, desk, id) {
  const { words } = desk;
  const place = element("div", "field rows");
  place.dataset.name = field.name;
  place.setAttribute("role", "group");
  const label = element("span", field.required ? "label required" : "label", field.label);
  label.id = id;
  place.setAttribute("aria-labelledby", id);
  const list = element("ul");
  const add = element("button", "add", `+ ${field.add}`);
  add.type = "button";
  place.append(label, list, add);
  let rows = [];

  function cellOf(column, value) {
    if (column.type === "item") {
      const { place: picker, input, settle, value: chosen } = itemPicker(desk, column.label);
      return { column, input, settle, place: picker, read: () => chosen() ?? (input.value.trim() ? undefined : "") };
    }
    const input = element("input");
    Object.assign(input, { type: column.type === "integer" ? "number" : "text", autocomplete: "off", value: value ?? column.value ?? "" });
    if (column.type === "integer") Object.assign(input, { min: 1, max: column.max, step: 1, inputMode: "numeric" });
    else Object.assign(input, { maxLength: column.max, placeholder: column.label });
    input.setAttribute("aria-label", column.label);
    return { column, input, place: input, read: () => (column.type === "integer" ? input.valueAsNumber : input.value.trim()) };
  }

  function rowOf(values) {
    const line = element("li");
    const cells = field.columns.map((column, at) => cellOf(column, values[at]));
    const remove = element("button", "remove", "×");
    remove.type = "button";
    remove.setAttribute("aria-label", words.row_remove);
    const row = { line, cells };
    remove.addEventListener("click", () => {
      const at = rows.indexOf(row);
      rows = rows.filter((each) => each !== row);
      line.remove();
      show();
      (rows[Math.min(at, rows.length - 1)]?.cells[0].input ?? add).focus();
      add.dispatchEvent(new Event("input", { bubbles: true }));
    });
    for (const { column, input, place: cell } of cells) {
      cell.classList.add("cell", column.type);
      input.addEventListener("input", () => input.setCustomValidity(""));
      line.append(cell);
    }
    line.append(remove);
    rows.push(row);
    list.append(line);
    show();
    return row;
  }

  const show = () => (add.hidden = rows.length >= MOST);
  add.addEventListener("click", () => rowOf([]).cells[0].input.focus());
  for (const values of field.value ?? []) rowOf(values);
  if (!rows.length && field.required) rowOf([]);

  const begun = ({ cells }) => cells.some(({ column, read, input }) => read() === undefined || input.value.trim() !== String(column.value ?? ""));
  const filled = () => rows.filter(begun);

  function check() {
    for (const { settle } of rows.flatMap((row) => row.cells)) settle?.();
    const seen = new Set();
    const cells = filled().flatMap((row) => row.cells);
    for (const { input } of rows.flatMap((row) => row.cells)) input.setCustomValidity("");
    for (const { column, input, read } of cells) {
      const value = read();
      const first = column === field.columns[0];
      if (value === "" || Number.isNaN(value)) input.setCustomValidity(fill(words.field_missing, { field: column.label }));
      else if (value === undefined) input.setCustomValidity(words.no_such_item);
      else if (first && seen.has(value)) input.setCustomValidity(words.row_twice);
      else if (column.type === "integer" && !input.validity.valid) input.setCustomValidity(fill(words.expects_integer_within, { min: 1, max: column.max }));
      else if (column.wrong?.(value)) input.setCustomValidity(column.wrong(value));
      if (first) seen.add(value);
    }
    if (field.required && !cells.length) rows[0]?.cells[0].input.setCustomValidity(fill(words.field_missing, { field: field.label }));
    return place.hidden || rows.flatMap((row) => row.cells).every(({ input }) => input.reportValidity());
  }

  return { place, input: add, field, check, read: () => filled().map(({ cells }) => cells.map(({ read }) => read())) };
}
