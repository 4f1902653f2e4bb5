// How every OBS has fared since this page was opened: a sample each second, for the charts.

const KEPT = 1800; // samples: half an hour
const SERIES = ["dropped_frames", "lagged_frames", "congestion", "cpu"];

/** `sample()` once a second; `of(name)`: [times in seconds, then each of SERIES in per cent, null where it is not known]. */
export function obsHistory(room, clock) {
  const known = new Map();
  return {
    sample() {
      const now = Math.round(clock.now() / 1000);
      for (const [name, state] of Object.entries(room.direction?.obs ?? {})) {
        const rows = known.get(name) ?? [];
        known.set(name, rows);
        if (rows.at(-1)?.[0] >= now) continue;
        rows.push([now, ...SERIES.map((series) => (state.connected && state[series] !== null ? state[series] * 100 : null))]);
        if (rows.length > KEPT) rows.shift();
      }
    },
    of(name) {
      const rows = known.get(name) ?? [];
      return [0, ...SERIES.map((_, place) => place + 1)].map((column) => rows.map((row) => row[column]));
    },
  };
}
