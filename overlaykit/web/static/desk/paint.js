// Before anything is drawn: light or dark, as chosen in this browser, else as the computer says. A classic script, so that it comes first.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let choice = "auto";
  try {
    choice = localStorage.getItem("overlaykit.theme") ?? "auto";
  } catch {
    // a browser that keeps nothing
  }
  const paint = () => {
    document.documentElement.dataset.theme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    document.documentElement.dataset.themeChoice = choice;
  };
  dark.addEventListener("change", paint);
  document.addEventListener("theme-chosen", ({ detail }) => {
    choice = detail;
    paint();
  });
  paint();
})();
