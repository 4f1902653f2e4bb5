// The screen: it stays on, and the page may have all of it. Both only where the browser can.

/** Keeps the screen from going dark while the page is seen. */
export function keepAwake() {
  if (!("wakeLock" in navigator)) return;
  const ask = () => {
    if (!document.hidden) navigator.wakeLock.request("screen").catch(() => {}); // low battery: the browser says no
  };
  document.addEventListener("visibilitychange", ask);
  ask();
}

/** Shows `button` where the page can have the whole screen; it takes it, and gives it back. */
export function offerFullScreen(button) {
  if (!document.fullscreenEnabled) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => {}); // the window manager says no
  });
}
