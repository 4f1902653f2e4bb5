// A field in which one item is found among a thousand: by link number, title, sku, alias or pinyin.

import { itemName } from "../actions/about.js";
import { element, keepChildren } from "../dom.js";

const OFFERED = 8;

/**
 * `itemPicker(desk)` → `field(label)` → {place, value()}: `place` goes on the page, `value()` is the sku that was chosen, null for none.
 * Fields share what the server knows of aliases and pinyin; it is asked for when the first of them is entered.
 */
export function itemPicker(desk) {
  const { room, words: say } = desk;
  let fields = 0;
  let loaded = false;

  const labelOf = (sku) => itemName(desk, sku);

  /** The best first: the link number that was typed, then the running order. Nothing typed: what is on air, then the running order. */
  function hits(typed) {
    const fits = desk.finder.asked(typed);
    const found = fits ? room.order.map((sku) => [sku, fits(sku)]).filter(([, rank]) => rank) : room.order.map((sku) => [sku, sku === room.onAir ? 2 : 1]);
    return found.sort(([, one], [, other]) => other - one).slice(0, OFFERED).map(([sku]) => sku);
  }

  return function field(label) {
    const id = `picker-${(fields += 1)}`;
    const [place, input, list] = [element("div", "item-picker"), element("input"), element("ul")];
    let [chosen, active] = [null, 0];
    Object.assign(input, { type: "text", autocomplete: "off", spellcheck: false, placeholder: say.unmapped_choose });
    for (const [name, value] of Object.entries({ role: "combobox", "aria-label": label, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id })) {
      input.setAttribute(name, value);
    }
    list.id = id;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", label);
    list.hidden = true;
    place.append(input, list);

    function draw() {
      const found = hits(chosen === null ? input.value : "");
      active = Math.min(active, Math.max(0, found.length - 1));
      keepChildren(list, found, {
        key: (sku) => sku,
        make(sku) {
          const option = element("li");
          option.id = `${id}-${sku}`;
          option.setAttribute("role", "option");
          option.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
          option.addEventListener("click", () => choose(sku));
          return option;
        },
        update(option, sku) {
          option.textContent = labelOf(sku);
          option.setAttribute("aria-selected", String(found[active] === sku));
        },
      });
      list.hidden = found.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
      if (found.length) input.setAttribute("aria-activedescendant", `${id}-${found[active]}`);
    }

    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function choose(sku) {
      chosen = sku;
      input.value = labelOf(sku);
      close();
    }

    input.addEventListener("focus", () => {
      if (loaded) return;
      loaded = true;
      desk.finder.load().then(() => input.value && chosen === null && document.activeElement === input && draw());
    });
    input.addEventListener("input", () => {
      [chosen, active] = [null, 0];
      draw();
    });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      const found = hits(chosen === null ? input.value : "");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!list.hidden) active = (active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
        draw();
      } else if (event.key === "Enter" && !list.hidden && found.length) {
        event.preventDefault();
        choose(found[active]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    return { place, value: () => chosen };
  };
}
