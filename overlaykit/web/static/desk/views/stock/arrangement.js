// Which items are shown, and in which order. Pure: the room and what the operator chose, in; keys, out.

export const PRODUCT = "product:";
export const isProduct = (key) => key.startsWith(PRODUCT);

/** Units of an item that orders have paid and that wait to be sent. */
function committedOf(units) {
  let sum = 0;
  for (const place in units?.locations) sum += units.locations[place].committed + units.locations[place].presold_committed;
  return sum;
}

const VALUES = {
  link: (item) => item.link,
  price: (item) => (item.price === null ? null : Number(item.price)),
  state: (item) => STATES.indexOf(item.state),
  available: (item) => item.available,
  held: (item) => item.held,
  committed: (_, units) => committedOf(units),
  sold: (item) => item.sold,
  oversold: (item) => item.oversold,
  pace: (item) => item.pace_per_minute,
  ends: (item) => item.sells_out_at,
  drop: (item) => item.drop?.available ?? null,
};

/** What an item has in a column, as a number or a text that can be compared; null: nothing. */
export const valueOf = (room, sku, column) => VALUES[column](room.items.get(sku), room.units.get(sku));

/** The same of a product: its variants together. */
export function valueOfProduct(room, skus, column) {
  const values = skus.map((sku) => valueOf(room, sku, column)).filter((each) => each !== null);
  if (!values.length) return null;
  return column === "ends" ? values.sort()[0] : values.reduce((sum, each) => sum + each);
}

/** What wants a look comes first. */
export const STATES = ["sold_out", "critical", "low", "on_sale", "presale", "upcoming", "closed"];

function sorted(room, skus, { sort, descending }, collator) {
  if (sort === "order") return descending ? [...skus].reverse() : skus;
  const up = descending ? -1 : 1;
  if (sort === "item") {
    const titles = new Map(skus.map((sku) => [sku, room.title(sku)]));
    return [...skus].sort((a, b) => up * collator.compare(titles.get(a), titles.get(b)));
  }
  const values = new Map(skus.map((sku) => [sku, valueOf(room, sku, sort)]));
  return [...skus].sort((a, b) => {
    const [one, other] = [values.get(a), values.get(b)];
    if (one === other) return 0;
    if (one === null || other === null) return one === null ? 1 : -1; // nothing comes last, whichever way it is sorted
    return one < other ? -up : up;
  });
}

function passes(room, sku, { states, heats, channel, location, product, oversold }) {
  const item = room.items.get(sku);
  if (states.size && !states.has(item.state)) return false;
  if (heats.size && !heats.has(item.heat)) return false;
  if (oversold && !item.oversold) return false;
  if (product && item.product !== product) return false;
  const units = room.units.get(sku);
  if (location && !units?.locations[location]) return false;
  return !channel || units?.allotments[channel] !== undefined || room.pushed[channel]?.[sku] !== undefined;
}

/**
 * The keys to show, and the skus among them. `choice`: sort, descending, states, heats, channel, location, product, oversold, grouped,
 * folded (products whose variants are not shown). `asked`: sku → 2 for the very item, 1 for a hit, 0; or null.
 */
export function arrange(room, choice, asked, collator) {
  const hits = new Map();
  const kept = room.order.filter((sku) => {
    if (!passes(room, sku, choice)) return false;
    const hit = asked ? asked(sku) : 1;
    hits.set(sku, hit);
    return hit > 0;
  });
  let skus = sorted(room, kept, choice, collator);
  if (asked) skus = [...skus.filter((sku) => hits.get(sku) === 2), ...skus.filter((sku) => hits.get(sku) === 1)];
  if (!choice.grouped) return { keys: skus, skus, variants: new Map() };
  const variants = new Map();
  const groups = new Map();
  for (const sku of skus) {
    const name = room.items.get(sku).product;
    const key = name === null ? sku : PRODUCT + name;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(sku);
  }
  const keys = [];
  for (const [key, members] of groups) {
    keys.push(key);
    if (!isProduct(key)) continue;
    variants.set(key, members);
    if (!choice.folded.has(key)) keys.push(...members);
  }
  return { keys, skus, variants };
}

/** How many items are in each state and of each heat, and how many are oversold. */
export function countsOf(room) {
  const counts = { states: {}, heats: {}, oversold: 0 };
  for (const { state, heat, oversold } of room.items.values()) {
    counts.states[state] = (counts.states[state] ?? 0) + 1;
    counts.heats[heat] = (counts.heats[heat] ?? 0) + 1;
    if (oversold) counts.oversold += 1;
  }
  return counts;
}
