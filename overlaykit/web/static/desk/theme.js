// The switch between light and dark; paint.js paints.

/** Makes `select` the switch: auto, light or dark. The choice is remembered in this browser. */
export function themeSwitch(select, words) {
  for (const choice of ["auto", "light", "dark"]) select.append(new Option(words[`theme_${choice}`], choice));
  select.value = document.documentElement.dataset.themeChoice;
  select.addEventListener("change", () => {
    document.dispatchEvent(new CustomEvent("theme-chosen", { detail: select.value }));
    try {
      localStorage.setItem("overlaykit.theme", select.value);
    } catch {
      // nothing is kept: it counts for this page
    }
  });
}
