// The sounds of alerts: short tones that the browser makes itself, louder and longer the more urgent; and their settings, which are
// this browser's own.

import { fill, write } from "../../dom.js";
import { mayRing, quietAt } from "./ringing.js";

const KEPT_AS = "overlaykit.sound";
const USUAL = { on: true, volume: 60, quiet: false, from: "23:00", to: "08:00", through: true };
// Hertz, seconds from the beginning, seconds long.
const TONES = {
  info: [[660, 0, 0.18]],
  warning: [[660, 0, 0.16], [880, 0.18, 0.24]],
  urgent: [[880, 0, 0.16], [660, 0.18, 0.16], [880, 0.36, 0.16], [660, 0.54, 0.3]],
};
const SOFT = { info: 0.5, warning: 0.7, urgent: 1 };

function remembered() {
  try {
    return { ...USUAL, ...JSON.parse(localStorage.getItem(KEPT_AS) ?? "{}") };
  } catch {
    return { ...USUAL };
  }
}

/** Keeps the button and the settings in `section` true; `ring(level)` sounds, if it may; `tick()` each second. Quiet hours are the session's. */
export function alertSound(section, { words: say, clock }) {
  const settings = remembered();
  const [button, why, panel] = [section.querySelector(".sound"), section.querySelector(".why-silent"), section.querySelector(".sound-settings")];
  const field = (name) => panel.querySelector(`[name="${name}"]`);
  // A browser that asks for no click, such as OBS, lets it run at once; a phone takes the sound away for a call.
  const context = new AudioContext();
  context.onstatechange = show;

  const allowed = () => context.state === "running";
  const wanted = () => settings.on && settings.volume > 0;

  /** After a click or a key the browser lets the page sound; before, it would not. */
  async function unlock() {
    if (!allowed()) await context.resume().catch(() => null);
    show();
  }

  /** What nobody could hear stays on the button until it is pressed. */
  function ring(level) {
    if (!wanted() || !mayRing(settings, level, clock.timeOfDay())) return;
    if (allowed()) play(level);
    else button.dataset.missed = level;
  }

  function play(level) {
    const loud = context.createGain();
    loud.gain.value = (settings.volume / 100) ** 2 * SOFT[level];
    loud.connect(context.destination);
    for (const [pitch, after, length] of TONES[level]) {
      const [tone, shape] = [context.createOscillator(), context.createGain()];
      const begins = context.currentTime + after;
      tone.type = "triangle";
      tone.frequency.value = pitch;
      shape.gain.setValueAtTime(0, begins);
      shape.gain.linearRampToValueAtTime(1, begins + 0.02);
      shape.gain.linearRampToValueAtTime(0, begins + length);
      tone.connect(shape).connect(loud);
      tone.start(begins);
      tone.stop(begins + length);
    }
  }

  function keep() {
    try {
      localStorage.setItem(KEPT_AS, JSON.stringify(settings));
    } catch {
      // a browser that keeps nothing: for as long as the page is open
    }
    show();
  }

  function show() {
    const state = !wanted() ? "off" : !allowed() ? "blocked" : quietAt(settings, clock.timeOfDay()) ? "quiet" : "on";
    button.dataset.state = state;
    if (state !== "blocked") delete button.dataset.missed;
    write(button, say[`sound_${state}`]);
    why.hidden = state !== "blocked";
    write(panel.querySelector(".by-clock"), fill(say.sound_clock, { time: clock.timeOfDay() }));
    for (const name of ["quiet", "volume"]) field(name).disabled = !settings.on;
    for (const name of ["from", "to", "through"]) field(name).disabled = !settings.on || !settings.quiet;
  }

  button.addEventListener("click", async () => {
    if (button.dataset.state === "blocked") {
      await unlock();
      if (allowed()) play("info");
      return;
    }
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
  });
  panel.querySelector(".try").addEventListener("click", async () => {
    await unlock();
    if (allowed()) play("warning");
  });
  for (const [name, value] of Object.entries(settings)) {
    const input = field(name);
    if (!input) continue;
    if (input.type === "checkbox") input.checked = value;
    else input.value = value;
    input.addEventListener("change", () => {
      if (input.type === "time" && !input.value) input.value = settings[name];
      settings[name] = input.type === "checkbox" ? input.checked : input.type === "range" ? input.valueAsNumber : input.value;
      keep();
    });
  }
  // The button's own click opens it with a sound; any other opens it silently, after it has done what it was meant for.
  for (const kind of ["click", "keyup", "touchend"]) addEventListener(kind, ({ target }) => target !== button && wanted() && !allowed() && unlock());

  show();
  return { ring, tick: show };
}
