// What is half typed when the page has to be loaded anew: another session began, or the login ended.

const KEPT_AS = "overlaykit.typed";
const FIELDS = ":is(#air, #announcements, #note) form :is(input[name=text], input[type=number])";

const nameOf = (input) => input.closest("section").id;

function remembered() {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT_AS) ?? "{}");
    sessionStorage.removeItem(KEPT_AS);
    return found;
  } catch {
    return {}; // a browser that keeps nothing
  }
}

/** What stands in the fields of `column` when the page goes stands there again when it comes back in this window. */
export function keepTyped(column) {
  const fields = () => [...column.querySelectorAll(FIELDS)];
  const before = remembered();
  for (const input of fields()) input.value = before[nameOf(input)] ?? "";
  addEventListener("pagehide", () => {
    const typed = fields().filter(({ value }) => value).map((input) => [nameOf(input), input.value]);
    try {
      sessionStorage.setItem(KEPT_AS, JSON.stringify(Object.fromEntries(typed)));
    } catch {
      // a browser that keeps nothing
    }
  });
}

/** Loads the page anew; where somebody fills in a form, once that is left. */
export function loadAnew() {
  const form = document.querySelector("dialog.form[open]");
  if (form) form.addEventListener("close", () => location.reload(), { once: true });
  else location.reload();
}
