// The secrets that a plan wants: whether each is set, and, for who may, a field to set it. What is set is never shown.

import { element, fill, keepChildren, write } from "../dom.js";
import { onPress, refused, request } from "../press.js";

const EVERY = 10000;

/** Keeps what is known of them; `changed()` is called when it is another. */
export function secretsOf({ words: say, admin, ask, session }, changed) {
  let bySection = new Map();
  let keptHere = false;

  async function look() {
    const found = await ask("/secrets");
    if (found) {
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
    const path = [secret.section, secret.name, secret.field].map(encodeURIComponent).join("/");
    const save = async () => {
      if (!input.value.trim()) return refused(say.secret_empty);
      const answer = await request("PUT", `/api/v1/secrets/${path}?${new URLSearchParams({ session })}`, { secret: input.value }, say);
      if (answer.ok) {
        input.value = "";
        look();
      }
      return answer;
    };
    onPress(button, alarm, save);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.append(input, button, alarm);
    line.append(form);
    return line;
  }

  function update(line, secret) {
    const by = secret.set_by ?? (secret.required ? "missing" : "optional");
    line.dataset.by = by;
    write(line.querySelector(".told"), fill(say[`secret_${by}`], secret));
    const form = line.querySelector("form");
    if (form) form.hidden = secret.set_by === "environment" || !keptHere;
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
