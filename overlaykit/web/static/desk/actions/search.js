// Finding by a few letters: of a title, of a sku, of its pinyin, a link number.

const NOTHING = -1;

/**
 * How well `text` answers `query`: higher is better, below 0 not at all. A beginning is better than a middle, letters in a row better
 * than scattered ones.
 */
export function score(query, text) {
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

/** The best of `entries` ({keys: [text …]}) for a query, best first. */
export function best(query, entries, most) {
  const asked = query.trim();
  const found = [];
  for (const entry of entries) {
    const points = Math.max(...entry.keys.map((key) => score(asked, key)));
    if (points >= 0) found.push({ entry, points: points + (entry.weight ?? 0) });
  }
  found.sort((one, other) => other.points - one.points);
  return found.slice(0, most).map(({ entry }) => entry);
}
