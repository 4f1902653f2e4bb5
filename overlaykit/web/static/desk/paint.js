// Before anything is drawn: light or dark, as chosen in this browser, else as the computer says. A classic script, so that it comes first.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let choice = "auto";
  try {
    choice = localStorage.getItem("overlaykit.colours") ?? "auto";
  } catch {
    // a browser that keeps nothing
  }
  const paint = () => {
    document.documentElement.dataset.colours = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    document.documentElement.dataset.coloursChoice = choice;
  };
  dark.addEventListener("change", paint);
  document.addEventListener("colours-chosen", ({ detail }) => {
    choice = detail;
    paint();
  });
  paint();
})();
