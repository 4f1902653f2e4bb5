// All that can be done from the desk. Buttons, dialogs, the palette, hotkeys and the help all read it here, so that a thing has one
// name, one question and one way back wherever it is pressed.
//
// An action:
//   id           its name, such as item.feature; `words["act_" + id]` is its title in the page's language
//   group        which part of the palette and the help it stands in: `words["group_" + group]`
//   fields(room, values)   what it has to be told: [{name, type, label, required, options, value …}], see form.js; [] for nothing
//   given(values)          whether `values` are all that it needs, so that nothing is asked
//   prepare(values)        what has to be known before it can be asked; gives what went wrong, in words, "" for nothing
//   wrong(values, room)    what is wrong with values that fit by themselves, in a sentence; "" when nothing is
//   command(values, room)  the command, a list of them, or null when they change nothing
//   consequence(values, room)   for what is not easily put right: a sentence with numbers, asked first; "" for no question
//   explains(values, room)      what stands below that sentence, as nodes
//   undo         {before(command, room), after(command, outcome), back(command, before, outcome)}: what stood there before, what must
//                stand there afterwards unless somebody changed it since (undefined: whatever stands there, the way back is right),
//                and the command that leads back, or null
//   done(command, room)    what it is about, for the list of what was done
//   hotkey       keys such as "/", "g s" or "Shift+n", which a letter needs that acts at once; digits with Enter are the registry's own
//   available(room)        whether it can be done now
//   running      it belongs to a session that is not over
//   run(desk, values)      instead of all that: what does not send a command

import { airActions } from "./air.js";
import { alertActions } from "./alerts.js";
import { directingActions } from "./directing.js";
import { itemActions } from "./items.js";
import { lookActions } from "./look.js";
import { placeActions } from "./places.js";
import { quotaActions } from "./quotas.js";
import { screenActions } from "./screen.js";
import { sessionActions } from "./session.js";
import { unitActions } from "./units.js";

/** The registry: `get(id)`, `all()`, `title(id)`; `possible(action)`: whether who sits here can do it now, `whyNot(action)`: why not, "" where so. */
export function registryOf(desk) {
  const families = [airActions, itemActions, unitActions, quotaActions, screenActions, lookActions, sessionActions, directingActions, alertActions, placeActions];
  const actions = new Map(families.flatMap((family) => family(desk)).map((action) => [action.id, action]));
  const { words: say, room } = desk;
  function whyNot(action) {
    if (!desk.may && !action.open) return say.read_only;
    if (action.running && room.session?.status === "closed") return say.over_refused;
    return room.session && (action.available?.(room) ?? true) ? "" : say.not_possible;
  }
  return {
    get: (id) => actions.get(id),
    all: () => [...actions.values()],
    whyNot,
    possible: (action) => whyNot(action) === "",
    title: (id) => say[`act_${id}`] ?? id,
  };
}
