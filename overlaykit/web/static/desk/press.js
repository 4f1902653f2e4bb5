// What the operator presses: commands to the room. Each has its id before it is sent, so a repeat counts once.

const PAUSES = [600, 1200, 1800, 2400]; // a process that fell is back by then
const PATIENCE = 15_000; // a computer that went to sleep, or whose network changed, waits for an answer for ever
const REMEMBERED = 60_000;
const STAYS_ARMED = 5000;
const DOUBLE_TAP = 500;
const SHOWN_AS_DONE = 1500;

const pause = (duration) => new Promise((go) => setTimeout(go, duration));

// crypto.randomUUID needs https, and a phone in the room has none.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `desk-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Sends commands of one session as the desk, which came to it by the name `follow` (`current`): `send(command)` gives {ok, text,
 * outcome}: whether it was done, what to tell the operator ("" when all is well), and what the engine answered (null when it was not
 * reached).
 *
 * Where no answer came, the command may have been counted all the same. So the same command, pressed again within a minute, has the
 * same id.
 */
export function commandSender({ session, follow, lang }, words, pauses = PAUSES) {
  const address = `/desk/commands?${new URLSearchParams({ session, follow, lang })}`;
  const unanswered = new Map();

  function idOf(key) {
    const known = unanswered.get(key);
    unanswered.delete(key);
    return known && Date.now() - known.at < REMEMBERED ? known.id : newId();
  }

  return async (command) => {
    const key = JSON.stringify(command);
    const id = idOf(key);
    const body = JSON.stringify({ id, ...command });
    let certain = true;
    for (const rest of [...pauses, null]) {
      const { answer, undone } = await answerOf(address, body, words);
      certain &&= answer !== null;
      if (answer && (!undone || (certain && rest === null))) return answer;
      if (rest !== null) await pause(rest);
    }
    unanswered.set(key, { id, at: Date.now() });
    return { ok: false, text: words.send_unknown, outcome: null };
  };
}

/**
 * What was answered, as `send` gives it; null when nobody can know what became of it: also where the answer broke off, or is not the
 * room's. `undone`: for sure nothing was done, and it may be sent again. Both times with the same id.
 */
async function answerOf(address, command, words) {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(address, { method: "POST", headers, body: command, signal: AbortSignal.timeout(PATIENCE) });
    const body = await answer.json();
    if (answer.status !== 503) return { answer: told(answer, body, words), undone: false };
    const undone = body.type === "urn:overlaykit:store_behind";
    return { answer: undone ? told(answer, body, words) : null, undone };
  } catch {
    return { answer: null, undone: false };
  }
}

/** Asks the API for a change, as JSON. Gives {ok, text, outcome}, as `send` does; here the outcome is whatever it answered. */
export async function request(method, path, body, words) {
  try {
    const headers = { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang };
    const answer = await fetch(path, { method, headers, body: JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE) });
    return told(answer, await answer.json(), words);
  } catch {
    return { ok: false, text: words.send_failed, outcome: null };
  }
}

function told(answer, body, words) {
  if (answer.ok) return { ok: true, text: "", outcome: body };
  return { ok: false, text: body.detail || words.send_failed, outcome: body.outcome ?? null };
}

/** What the page itself finds wrong with what is to be sent. */
export const refused = (text) => ({ ok: false, text, outcome: null });

/** Makes `button` run `action` when pressed, which gives {ok, text}; it waits meanwhile, and what went wrong is written into `alarm`. */
export function onPress(button, alarm, action) {
  button.addEventListener("click", async () => {
    if (button.dataset.busy) return; // not disabled: it would lose the focus
    button.dataset.busy = "yes";
    const { ok, text } = await action();
    delete button.dataset.busy;
    alarm.textContent = text;
    if (!ok) return;
    button.dataset.done = "yes";
    await pause(SHOWN_AS_DONE);
    delete button.dataset.done;
  });
}

/** The same for what must not happen by accident: the button asks once more, and forgets it after five seconds. */
export function onPressTwice(button, alarm, question, action) {
  const label = button.textContent;
  let disarm = 0;
  let armedAt = 0;
  const calm = () => {
    clearTimeout(disarm);
    delete button.dataset.armed;
    button.textContent = label;
  };
  button.addEventListener("click", (event) => {
    if (button.dataset.armed && event.timeStamp - armedAt > DOUBLE_TAP) {
      calm();
      return;
    }
    event.stopImmediatePropagation();
    if (button.dataset.armed) return;
    armedAt = event.timeStamp;
    button.dataset.armed = "yes";
    button.textContent = question;
    disarm = setTimeout(calm, STAYS_ARMED);
  });
  onPress(button, alarm, action);
}

/** Makes `button` copy `textOf()`, and say for a moment what came of it. */
export function copiesOnClick(button, words, textOf) {
  const label = button.textContent;
  let telling = 0;
  button.type = "button";
  button.addEventListener("click", async () => {
    button.textContent = (await copyText(textOf())) ? words.copied : words.copy_failed;
    clearTimeout(telling);
    telling = setTimeout(() => (button.textContent = label), SHOWN_AS_DONE);
  });
  return button;
}

/** Puts `text` on the clipboard. Pages without https may only do so by selecting it. Gives whether it worked. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "to-copy";
    document.body.append(area);
    area.select();
    const worked = document.execCommand("copy");
    area.remove();
    return worked;
  }
}
