// Which alerts ring: each once when it comes and again when it gets worse or comes back, urgent ones now and then until somebody looks.

const RANK = { info: 1, warning: 2, urgent: 3 };
const AGAIN = 60_000; // milliseconds between two rings of an urgent one that nobody looks after

/** The highest level of some, null for none. */
export const highest = (entries) => entries.reduce((most, { level }) => (most === null || RANK[level] > RANK[most] ? level : most), null);

/** The more urgent first, then what came last. */
export const byUrgency = (one, other) => RANK[other.level] - RANK[one.level] || other.last_at.localeCompare(one.last_at);

/**
 * `fresh(open, at)`: those of `open`, [{id, level, last_at}], that ring at the time `at`. What is there when the page opens does not
 * ring then. Lesser ones that come meanwhile put off no urgent one.
 */
export function ringer() {
  let known = null;
  let rang = 0;
  return function fresh(open, at) {
    const before = known;
    known = new Map(open.map((entry) => [entry.id, `${entry.level} ${entry.last_at}`]));
    let ringing = before === null ? [] : open.filter(({ id }) => before.get(id) !== known.get(id));
    const urgent = ({ level }) => level === "urgent";
    const again = before !== null && Math.abs(at - rang) >= AGAIN; // the clock of this computer may be set back
    if (again) ringing = open.filter((entry) => urgent(entry) || ringing.includes(entry));
    if (before === null || again || ringing.some(urgent)) rang = at;
    return ringing;
  };
}

/** Whether quiet hours `from`–`to` ("22:00", "08:00") are on at a time of day, "23:05"; equal ends are the whole day. */
export function quietAt({ quiet, from, to }, time) {
  if (!quiet) return false;
  return from < to ? from <= time && time < to : time >= from || time < to;
}

/** Whether an alert of this level may be heard with these settings. */
export const mayRing = (settings, level, time) => settings.on && (!quietAt(settings, time) || (level === "urgent" && settings.through));
