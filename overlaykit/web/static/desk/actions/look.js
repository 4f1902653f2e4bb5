// How the overlays look, and back to how they looked before.

/** `desk.look`: what /desk/themes.json said last, null before anybody looked. */
export function lookActions(desk) {
  const { words: say } = desk;
  const said = ({ theme, options = {} }, look) => ({
    ...(theme === undefined ? {} : { theme: look.theme }),
    options: Object.fromEntries(Object.keys(options).sort().map((name) => [name, look.options[name] ?? null])),
  });

  const labelOf = (name) => desk.look.chosen?.options.find((option) => option.name === name)?.label ?? name;
  const titleOf = (theme) => desk.look.themes.find(({ name }) => name === theme)?.title ?? theme;

  return [{
    id: "overlay.set", group: "screen",
    available: () => Boolean(desk.look),
    fields: () => [{
      name: "theme", type: "choice", label: say.theme_name, required: true, value: desk.look.now.theme,
      options: desk.look.themes.filter(({ error }) => !error).map(({ name, title }) => ({ value: name, label: title })),
    }],
    given: ({ theme, options }) => theme !== undefined || options !== undefined,
    command: ({ theme, options = {} }) => ({ type: "overlay.set", ...(theme === undefined ? {} : { theme }), options }),
    done: ({ theme, options = {} }) => [theme && titleOf(theme), ...Object.keys(options).map(labelOf)].filter(Boolean).join(say.comma) || say.theme_planned,
    undo: {
      before: (command) => said(command, desk.look.changed),
      now: async (command) => {
        const { body: found } = await desk.ask("/desk/themes.json");
        return found && said(command, found.changed);
      },
      after: (command) => said(command, { theme: command.theme ?? null, options: command.options }),
      back: (command, was) => ({ type: "overlay.set", ...was }),
    },
  }];
}
