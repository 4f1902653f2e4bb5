// What is chosen in the form and not applied yet, over what the session says.

/**
 * A draft. `take(answer)` of /desk/themes.json; `choose(theme)`, `set(option, value)`, `back(option)` to the plan's value, `discard()`.
 * An option that was not touched is as it is now; what is chosen and so by now is not in the draft any more.
 */
export function draftOf() {
  let given = null;
  let theme = null; // null: the session's
  const touched = new Map();

  const option = (name) => given?.chosen?.options.find((each) => each.name === name);
  const baseOf = ({ planned, default: usual }) => planned ?? usual;
  const nowOf = (each) => each.now ?? baseOf(each);
  const value = (each) => (touched.has(each.name) ? touched.get(each.name) : nowOf(each));
  const pending = (each) => value(each) !== each.now;

  return {
    given: () => given,
    take(answer) {
      given = answer;
      if (theme === given.now.theme) theme = null;
      for (const name of touched.keys()) if (option(name) && !pending(option(name))) touched.delete(name);
    },
    theme: () => theme ?? given?.now.theme ?? null,
    choose(name) {
      theme = name === given.now.theme ? null : name;
      touched.clear();
    },
    value,
    pending,
    isTouched: ({ name }) => touched.has(name),
    set: (name, to) => touched.set(name, to),
    back: (name) => touched.set(name, baseOf(option(name))),
    /** Whether it is as the plan says, and nobody said so in the evening. */
    isPlanned: (each) => value(each) === baseOf(each) && !(each.name in given.changed.options),
    discard() {
      theme = null;
      touched.clear();
    },
    count: () => (given?.chosen?.options ?? []).filter((each) => pending(each)).length + (theme === null ? 0 : 1),
    /** The fields of overlay.set that make it so; what is as the plan says is left to the plan. */
    command() {
      const options = {};
      for (const each of given.chosen.options.filter(pending)) {
        const planned = each.planned !== null && value(each) === each.planned;
        if (!planned) options[each.name] = value(each);
        else if (each.name in given.changed.options) options[each.name] = null;
      }
      const to = theme === null ? {} : { theme: theme === given.planned.theme ? null : theme };
      return { ...to, options };
    },
    /** What an overlay's address asks for to look like it. */
    query() {
      const asked = given.chosen.options.filter(pending).map((each) => [`option.${each.name}`, String(value(each))]);
      return [...(theme === null ? [] : [["theme", theme]]), ...asked];
    },
    /** [name, value] of options that are not as the theme has them by itself. */
    said: () => given.chosen.options.filter((each) => value(each) !== each.default).map((each) => [each.name, value(each)]),
  };
}

/** The draft as lines of session.toml. */
export function lookAsToml(draft) {
  const options = draft.said().map(([name, value]) => `${name} = ${typeof value === "string" ? quoted(value) : value}`);
  return `theme = ${quoted(draft.theme())}\n${options.length ? `options = { ${options.join(", ")} }\n` : ""}`;
}

// A basic string of TOML; JSON escapes all that it has to but DEL.
const quoted = (text) => JSON.stringify(text).replace(/\u007f/g, "\\u007F");
