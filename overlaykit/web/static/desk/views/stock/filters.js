// What narrows the stock view: chips for states, heat and oversold items, lists for channels, locations and products.

import { productNames } from "../../actions/about.js";
import { element, fill, keepChildren, write } from "../../dom.js";
import { STATES } from "./arrangement.js";

const HEATS = ["red", "yellow", "green", "grey"];

/** Puts the filters into `section`; `changed()` is called when one of them was pressed. Gives {show(counts)}. */
export function stockFilters(section, desk, choice, changed) {
  const { words: say, plan, room } = desk;
  const chips = section.querySelector(".chips");
  const clear = section.querySelector(".clear");
  const lists = ["channel", "location", "product"];

  const chipsOf = (counts) => [
    ...(counts.oversold || choice.oversold ? [{ kind: "oversold", name: "oversold", label: say.oversold, count: counts.oversold, on: choice.oversold }] : []),
    ...HEATS.filter((heat) => counts.heats[heat] || choice.heats.has(heat)).map((heat) => ({
      kind: "heat", name: heat, label: say[`stock_heat_${heat}`], count: counts.heats[heat] ?? 0, on: choice.heats.has(heat),
    })),
    ...STATES.filter((state) => counts.states[state] || choice.states.has(state)).map((state) => ({
      kind: "state", name: state, label: say[`state_${state}`], count: counts.states[state] ?? 0, on: choice.states.has(state),
    })),
  ];

  function press({ kind, name }) {
    if (kind === "oversold") choice.oversold = !choice.oversold;
    else {
      const set = kind === "heat" ? choice.heats : choice.states;
      if (!set.delete(name)) set.add(name);
    }
    changed();
  }

  for (const name of lists) {
    section.querySelector(`select.${name}`).addEventListener("change", ({ target }) => {
      choice[name] = target.value;
      changed();
    });
  }
  clear.addEventListener("click", () => {
    choice.states.clear();
    choice.heats.clear();
    Object.assign(choice, { oversold: false, channel: "", location: "", product: "", search: "" });
    changed();
  });

  // A list is there where there is a choice.
  function keepList(name, options) {
    const list = section.querySelector(`select.${name}`);
    list.hidden = options.length < 2 && !choice[name];
    const wanted = [["", say[`stock_any_${name}`]], ...options];
    if (list.options.length !== wanted.length || wanted.some(([value, label], place) => list.options[place].value !== value || list.options[place].textContent !== label)) {
      list.replaceChildren(...wanted.map(([value, label]) => new Option(label, value)));
    }
    list.value = choice[name];
  }

  return {
    show(counts) {
      keepChildren(chips, chipsOf(counts), {
        key: ({ kind, name }) => `${kind} ${name}`,
        make: (chip) => {
          const button = element("button", "chip");
          button.type = "button";
          button.dataset.kind = chip.kind;
          button.dataset.name = chip.name;
          button.append(element("span", "", chip.label), " ", element("b", "number"));
          button.addEventListener("click", () => press(chip));
          return button;
        },
        update: (button, { count, on, label, kind }) => {
          if (kind === "heat") button.ariaLabel = button.title = `${label} ${count}`; // its colour and its number are all it shows
          write(button.lastElementChild, count);
          button.setAttribute("aria-pressed", on);
        },
      });
      keepList("channel", Object.entries(plan.channels));
      keepList("location", Object.entries(plan.locations));
      keepList("product", [...productNames(room)]);
      clear.hidden = !(choice.states.size || choice.heats.size || choice.oversold || lists.some((name) => choice[name]) || choice.search);
    },
    /** What was found, in words. */
    told: (found, all) => (found === all ? fill(say.stock_all, { n: all }) : fill(say.stock_some, { n: found, all })),
  };
}
