// Finding what can be done by a few letters of it. Items are found by `desk.finder`.

const NOTHING = -1;

/**
 * How well `text` answers `query`: higher is better, below 0 not at all. A beginning is better than a middle, letters in a row better
 * than scattered ones.
 */
function score(query, text) {
  const [wanted, given] = [query.toLowerCase(), text.toLowerCase()];
  if (!wanted) return 0;
  const at = given.indexOf(wanted);
  if (at === 0) return wanted.length === given.length ? 100 : 80;
  if (at > 0) return 60 - Math.min(20, at);
  let [place, gaps] = [0, 0];
  for (const letter of wanted) {
    if (letter === " ") continue;
    const next = given.indexOf(letter, place);
    if (next < 0) return NOTHING;
    gaps += next - place;
    place = next + 1;
  }
  return Math.max(1, 40 - gaps - given.length / 8);
}

/** Those of `entries` ({keys: [text …]}) that answer a query: [{entry, points}]. */
export function ranked(query, entries) {
  const asked = query.normalize("NFKC").trim(); // an input method writes letters full-width, too
  const found = entries.map((entry) => ({ entry, points: Math.max(...entry.keys.map((key) => score(asked, key))) }));
  return found.filter(({ points }) => points >= 0);
}
