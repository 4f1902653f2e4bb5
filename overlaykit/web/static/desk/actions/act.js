// Doing an action: what it lacks is asked for, what is dangerous is named, what the engine answers is said, and it can be undone.

import { asked, confirmed } from "./form.js";

/**
 * `act(id, values)` does an action of the registry; gives {ok, text, outcome}, `outcome` being the engine's, null when nothing was
 * sent. Its answer is told by a toast (`told`: false for a caller that tells it itself).
 */
export function actorOf(desk, registry, history) {
  const { words: say, room } = desk;
  const underWay = new Map(); // type of command → what was meant last
  const nothing = (text) => ({ ok: false, text, outcome: null });

  async function act(id, values = {}, { told = true } = {}) {
    const action = registry.get(id);
    if (!registry.possible(action)) return tell(nothing(registry.whyNot(action)), told);
    if (action.run) {
      await action.run(desk, values);
      return { ok: true, text: "", outcome: null };
    }
    if (action.prepare && !(await prepared(action, values))) return nothing("");
    const fields = action.fields(room, values);
    const lacks = fields.some(({ required, name }) => required && values[name] === undefined);
    if (action.given ? action.given(values) : !lacks) return tell(await perform(action, values), told);
    const title = registry.title(id);
    return (await asked(desk, { title, fields, values, seen: action.seen, hint: action.hint, label: action.label }, (given) => perform(action, given))) ?? nothing("");
  }

  /** Some forms need to know the item before they can ask about it. */
  async function prepared(action, values) {
    if (values.sku === undefined) {
      const [field] = action.fields(room, values);
      const choice = { title: registry.title(action.id), fields: [{ ...field, fixed: false }], values, label: say.on };
      const answer = await asked(desk, choice, async ({ sku }) => ({ ok: true, text: "", sku }));
      if (!answer) return false;
      values.sku = answer.sku;
    }
    const trouble = await action.prepare(values);
    if (trouble) history.tell(trouble, "refused");
    return !trouble;
  }

  async function perform(action, values) {
    const wrong = action.wrong?.(values, room) || (await action.clash?.(values));
    if (wrong) return nothing(wrong);
    const commands = [action.command(values, room) ?? []].flat();
    if (!commands.length) return nothing(action.nothing ?? say.not_possible);
    const title = registry.title(action.id);
    const question = action.consequence?.(values, room);
    if (question && !(await confirmed(say, title, question, { more: action.explains?.(values, room) ?? [] }))) return nothing("");
    const { type } = commands[0];
    const meant = { text: JSON.stringify(commands) };
    if (underWay.get(type)?.text === meant.text) return nothing(""); // Enter twice in one form, a key and a button: it is meant once
    underWay.set(type, meant);
    try {
      return await history.waitsFor(done(action, commands));
    } finally {
      if (underWay.get(type) === meant) underWay.delete(type);
    }
  }

  async function done(action, commands) {
    const steps = [];
    let answer = null;
    for (const command of commands) {
      const before = action.undo?.before(command, room) ?? null;
      const about = action.done(command, room);
      answer = await desk.send(command);
      if (!answer.ok) break;
      steps.push({ command, before, about, outcome: answer.outcome.first ?? answer.outcome });
    }
    if (steps.length) history.add(action.id, steps);
    return answer;
  }

  function tell(answer, told) {
    if (told && !answer.ok && answer.text) history.tell(answer.text, "refused");
    return answer;
  }

  return act;
}

/** Makes `button` do an action: `valuesOf()` are what it is told. It waits meanwhile. */
export function doesOnClick(button, desk, id, valuesOf = () => ({})) {
  button.type = "button";
  button.addEventListener("click", async () => {
    if (button.dataset.busy) return; // not disabled: the focus comes back to it from a dialog
    button.dataset.busy = "yes";
    await desk.act(id, valuesOf());
    delete button.dataset.busy;
  });
  return button;
}

/** Does an action with what stands in `input`, which is empty once it was done, unless something else was typed there meanwhile. */
export async function doesWith(input, desk, id, values) {
  const typed = input.value;
  const { ok } = await desk.act(id, values);
  if (ok && input.value === typed) input.value = "";
}
