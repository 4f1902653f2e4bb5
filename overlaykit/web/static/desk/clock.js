// The server's clock, and how times are said. Deadlines are on that clock: this computer's own may be wrong.

import { fill } from "./dom.js";

const MINUTE = 60;
const HOUR = 3600;

const two = (number) => String(number).padStart(2, "0");

/** Seconds as a clock shows them: 90 → 1:30, 3725 → 1:02:05. */
export function clockText(seconds) {
  const [hours, minutes] = [Math.floor(seconds / HOUR), Math.floor(seconds / MINUTE) % MINUTE];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % MINUTE)}` : `${minutes}:${two(seconds % MINUTE)}`;
}

/** `set(server_time)` whenever the server says what time it is there. */
export function serverClock(lang, timezone, words) {
  const hours = new Intl.DateTimeFormat(lang, {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: timezone,
  });
  let ahead = 0;
  const now = () => Date.now() + ahead;

  /** So many seconds, in words. */
  function span(long) {
    const seconds = Math.max(0, Math.round(long));
    if (seconds < MINUTE) return fill(words.ago_seconds, { n: seconds });
    if (seconds < HOUR) return fill(words.ago_minutes, { n: Math.floor(seconds / MINUTE) });
    return fill(words.ago_hours, { n: Math.floor(seconds / HOUR) });
  }
  return {
    /** What time it is on the server's clock, in milliseconds since 1970. */
    now,
    set(serverTime) {
      ahead = Date.parse(serverTime) - Date.now();
    },
    /** Whole seconds until a time, 0 when it is over. */
    left: (time) => Math.max(0, Math.ceil((Date.parse(time) - now()) / 1000)),
    /** A time of day in the session's zone. */
    time: (time) => (time ? hours.format(Date.parse(time)) : ""),
    /** What time of day it is now in the session's zone, as "23:05". */
    timeOfDay: () => hours.format(now()).slice(0, 5),
    /** How long ago it was, in words. */
    since: (time) => span((now() - Date.parse(time)) / 1000),
    span,
  };
}
