// What a hand does without meaning it: a second click where another button has come up, a key that is held down too long, a wheel that
// turns over a number.

/** Keeps all that from pressing and changing anything on `page`. */
export function onlyWhatIsMeant(page) {
  // A double click presses what it began on, or nothing. Keys press as they do.
  let began = null;
  page.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (event.detail <= 1) began = button;
    else if (button && button !== began) event.stopImmediatePropagation();
  }, { capture: true });

  // Enter that is held presses a button again and again, also one that asks for a second press, and sends a form as often.
  page.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.repeat || event.target.closest("textarea")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });

  // Who scrolls with the pointer over the number just typed would change it. Listened for there alone: a page that listens for the wheel
  // scrolls no more smoothly.
  const stay = (event) => event.preventDefault();
  page.addEventListener("focusin", ({ target }) => target.type === "number" && target.addEventListener("wheel", stay, { passive: false }));
  page.addEventListener("focusout", ({ target }) => target.removeEventListener("wheel", stay));
}
