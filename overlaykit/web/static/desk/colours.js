// The switch between light and dark; paint.js paints.

/** Makes `select` the switch: auto, light or dark. The choice is remembered in this browser. */
export function coloursSwitch(select, words) {
  for (const choice of ["auto", "light", "dark"]) select.append(new Option(words[`colours_${choice}`], choice));
  select.value = document.documentElement.dataset.coloursChoice;
  select.addEventListener("change", () => {
    document.dispatchEvent(new CustomEvent("colours-chosen", { detail: select.value }));
    try {
      localStorage.setItem("overlaykit.colours", select.value);
    } catch {
      // nothing is kept: it counts for this page
    }
  });
}
