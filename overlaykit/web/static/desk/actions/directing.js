// Buttons and emergency plans of the plan, and the safe scene.

import { fill } from "../dom.js";
import { said } from "../language.js";
import { emergencyLists } from "../now/emergencies/lists.js";

export function directingActions({ words: say, plan, lang }) {
  const named = (label, names) => ({ name: "name", type: "choice", label, required: true, options: names });
  const buttons = plan.buttons.map((value) => ({ value, label: value }));
  const emergencies = plan.emergencies.map(({ name: value, title }) => ({ value, label: said(title, lang) }));
  const scenes = plan.obs.filter(({ safe_scene: scene }) => scene);
  const titled = (name) => emergencies.find(({ value }) => value === name)?.label ?? name;

  return [
    {
      id: "button.press", group: "directing", done: ({ name }) => name, available: () => buttons.length > 0,
      fields: () => [named(say.field_button, buttons)],
      command: ({ name }) => ({ type: "button.press", name }),
    },
    {
      id: "emergency.run", group: "directing", done: ({ name }) => titled(name), available: () => emergencies.length > 0,
      fields: () => [named(say.emergencies, emergencies)],
      command: ({ name }) => ({ type: "emergency.run", name }),
      consequence: ({ name }) => fill(say.ask_emergency, { title: titled(name) }),
      explains: ({ name }) => emergencyLists(say, lang, plan.emergencies.find((each) => each.name === name)),
    },
    {
      id: "obs.safe", group: "directing", done: ({ obs }) => obs, available: () => scenes.length > 0,
      fields: () => [{ name: "obs", type: "choice", label: say.obs_title, required: true, options: scenes.map(({ name: value }) => ({ value, label: value })) }],
      command: ({ obs }) => ({
        type: "obs.do", obs, request: "SetCurrentProgramScene", data: { sceneName: scenes.find(({ name }) => name === obs).safe_scene },
      }),
      consequence: ({ obs }) => fill(say.ask_safe, { obs, scene: scenes.find(({ name }) => name === obs).safe_scene }),
    },
  ];
}
