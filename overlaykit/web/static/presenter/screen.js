// The screen: it stays on, and the page may have all of it. Both only where the browser can.

const KNOWN_AS = "overlaykit.presenter.sleeps";

/** Keeps the screen from going dark while the page is seen. Where the browser cannot, `hint` says so until its button is pressed. */
export function keepAwake(hint) {
  const warn = () => {
    hint.hidden = remembered();
  };
  hint.querySelector("button").addEventListener("click", () => {
    hint.hidden = true;
    remember();
  });
  if (!("wakeLock" in navigator)) { // a page without https has none
    warn();
    return;
  }
  async function ask() {
    if (document.hidden) return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      lock.addEventListener("release", () => !document.hidden && warn());
      hint.hidden = true;
    } catch {
      if (!document.hidden) warn(); // low battery: the browser says no
    }
  }
  document.addEventListener("visibilitychange", ask);
  ask();
}

function remembered() {
  try {
    return localStorage.getItem(KNOWN_AS) !== null;
  } catch {
    return false;
  }
}

function remember() {
  try {
    localStorage.setItem(KNOWN_AS, "yes");
  } catch {
    // a browser that keeps nothing: until the page is opened again
  }
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
