// The item that the operator is busy with: the stock view opens its panel, controls are about it.

/** Gives `desk` the selection: `desk.selected` (sku or null), `desk.select(sku)`, `desk.onSelect(listener)` → listener(sku, before). */
export function selection(desk) {
  const listeners = [];
  return Object.assign(desk, {
    selected: null,
    select(sku) {
      const before = desk.selected;
      if (sku === before) return;
      desk.selected = sku;
      for (const listener of listeners) listener(sku, before);
    },
    onSelect: (listener) => listeners.push(listener),
  });
}
