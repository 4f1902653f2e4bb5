// Countdowns that go with a drop: when it opens, when it closes.

const NAMED = /^(.*)-(open|close)$/s;

/** The drop whose countdown this is, as {drop, part: "open" or "close"}, or null. */
export function dropOf(plan, countdown) {
  const [, drop, part] = NAMED.exec(countdown) ?? [];
  return drop !== undefined && Object.hasOwn(plan.drops, drop) ? { drop, part } : null;
}
