// The secrets that a plan wants: whether each is set, and, for who may, a field to set it. What is set is never shown.

import { confirmed } from "../actions/form.js";
import { element, fill, keepChildren, write } from "../dom.js";
import { onPress, refused, request } from "../press.js";

const EVERY = 10000;

/** Keeps what is known of them; `changed()` is called when it is another. */
export function secretsOf(desk, changed) {
  const { words: say, admin, ask, api, session } = desk;
  let bySection = new Map();
  let keptHere = false;
  let asking = 0;

  async function look() {
    const mine = (asking += 1);
    const { body: found } = await ask(`${api}/secrets`);
    if (found && mine === asking) {
      keptHere = found.kept_here;
      bySection = new Map();
      for (const secret of found.secrets) {
        const name = `${secret.section}.${secret.name}`;
        bySection.set(name, [...(bySection.get(name) ?? []), secret]);
      }
      changed();
    }
  }

  function made(secret) {
    const line = element("li");
    line.append(element("code", "field", secret.field), element("span", "told"));
    if (!admin) return line;
    const form = element("form");
    const input = element("input");
    Object.assign(input, { type: "password", autocomplete: "off", required: true, placeholder: say.secret_new });
    input.setAttribute("aria-label", `${say.secret_new}: ${secret.field}`);
    const button = element("button", "", say.secret_save);
    const alarm = element("p", "alarm");
    alarm.setAttribute("role", "alert");
    const remove = element("button", "remove", say.secret_remove);
    remove.type = "button";
    const path = [secret.section, secret.name, secret.field].map(encodeURIComponent).join("/");
    const address = `/api/v1/secrets/${path}?${new URLSearchParams({ session })}`;
    const send = async (method, body, done) => {
      const typed = input.value;
      const answer = await request(method, address, body, say);
      if (answer.ok) {
        if (input.value === typed) input.value = "";
        desk.history.tell(fill(done, { section: secret.section, name: secret.name, field: secret.field }), "done");
      }
      await look();
      return answer;
    };
    onPress(button, alarm, () => {
      if (!input.value.trim()) return refused(say.secret_empty);
      return send("PUT", { secret: input.value, only_if_unset: line.dataset.by !== "kept" }, say.secret_saved);
    });
    onPress(remove, alarm, async () => {
      const lost = fill(say.secret_ask_remove, { section: secret.section, name: secret.name, field: secret.field });
      if (!(await confirmed(say, say.secret_remove, lost))) return { ok: false, text: "" };
      return send("DELETE", {}, say.secret_removed);
    });
    // A field of one line would join the lines of a key, which is another key then.
    input.addEventListener("paste", (event) => {
      if (!/\S\s*[\r\n]+\s*\S/.test(event.clipboardData.getData("text"))) return;
      event.preventDefault();
      alarm.textContent = fill(say.secret_lines, secret);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.append(input, button, remove, alarm);
    line.append(form);
    return line;
  }

  function update(line, secret) {
    const by = secret.set_by ?? (secret.required ? "missing" : "optional");
    line.dataset.by = by;
    const told = fill(say[`secret_${by}`], secret);
    write(line.querySelector(".told"), keptHere || by === "environment" ? told : [told, fill(say.secret_elsewhere, secret)].join(say.colon));
    const form = line.querySelector("form");
    if (!form) return;
    form.hidden = by === "environment" || !keptHere;
    form.querySelector(".remove").hidden = by !== "kept";
  }

  return {
    /** Asks now, and again now and then. */
    look() {
      look();
      setInterval(look, EVERY);
    },
    /** The sections that want any. */
    sections: () => bySection.keys(),
    /** What a section's part of the page is. */
    place() {
      const details = element("details", "secrets");
      details.append(element("summary"), element("ul"), element("p", "who", admin ? "" : say.secret_who));
      return details;
    },
    update(line, name) {
      const secrets = bySection.get(name) ?? [];
      const details = line.querySelector(".secrets");
      details.hidden = secrets.length === 0;
      const missing = secrets.filter(({ required, set_by: by }) => required && !by).length;
      details.dataset.missing = missing > 0;
      write(details.querySelector("summary"), missing ? fill(say.secret_lacks, { n: missing }) : say.secret_all);
      keepChildren(details.querySelector("ul"), secrets, { key: ({ field }) => field, make: made, update });
    },
  };
}
