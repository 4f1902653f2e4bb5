// Finding items by what people call them: link number, sku, title, alias, and pinyin in full or by initials.

const MOST_TYPED = 40;

const plain = (text) => text.normalize("NFKC").toLowerCase();

/** Whether `typed` begins some syllables that follow one another: "ymdy", "yangmao" and "yangmdy" find "yang mao da|dai yi". */
function spells(syllables, typed) {
  const rest = (place, at) => {
    if (at === typed.length) return true;
    return place < syllables.length && syllables[place].some((reading) => {
      let same = 0;
      while (same < reading.length && reading[same] === typed[at + same]) same += 1;
      for (; same > 0; same -= 1) if (rest(place + 1, at + same)) return true;
      return false;
    });
  };
  return syllables.some((_, place) => rest(place, 0));
}

/**
 * The words by which the items of `room` are found. `load()` asks the server for its part, `ready()` where that lacks any; it gives whether
 * nothing had to be asked.
 */
export function finderOf(ask, room) {
  const texts = new Map();
  let words = {};
  let loading = null;

  const load = () => (loading ??= asking().finally(() => (loading = null)));
  async function ready() {
    const whole = room.order.every((sku) => sku in words);
    if (!whole) await load();
    return whole;
  }

  async function asking() {
    const { body: found } = await ask("/desk/search.json");
    if (!found) return;
    words = {};
    texts.clear();
    for (const [sku, { aliases, pinyin }] of Object.entries(found.items)) {
      words[sku] = { aliases, syllables: pinyin.map((each) => each.split(" ").map((syllable) => syllable.split("|"))) };
    }
  }

  // What stands in an item, in one text that is made anew only when the item was renamed.
  function textOf(item) {
    const known = texts.get(item.sku);
    if (known?.title === item.title && known.variant === item.variant) return known.text;
    const aliases = words[item.sku]?.aliases ?? [];
    const parts = [item.title, item.variant, item.subtitle, item.sku, item.product, ...aliases];
    const text = plain(parts.filter(Boolean).join("\n"));
    texts.set(item.sku, { title: item.title, variant: item.variant, text });
    if (known) load();
    return text;
  }

  /** What is asked by `typed`, as a test of items: 2 for the link of that number, 1 for another hit, 0 for none; null: all are wanted. */
  function asked(typed) {
    const text = plain(typed.trim()).slice(0, MOST_TYPED);
    if (!text) return null;
    const number = /^#?(\d+)\s*(号|号链接|#)?$/.exec(text)?.[1];
    const terms = text.split(/\s+/);
    return (sku) => {
      const item = room.items.get(sku);
      if (number !== undefined && item.link !== null) {
        if (item.link === Number(number)) return 2;
        if (String(item.link).startsWith(number)) return 1;
      }
      const [own, syllables] = [textOf(item), words[sku]?.syllables ?? []];
      const hit = (term) => own.includes(term) || (/^[a-z0-9]+$/.test(term) && syllables.some((each) => spells(each, term)));
      return terms.every(hit) ? 1 : 0;
    };
  }

  /**
   * What `typed` finds, the best first: [{sku, rank}], of one rank in running order. Nothing typed: all, first what is on air.
   */
  function best(typed) {
    const fits = asked(typed) ?? ((sku) => (room.items.get(sku).on_air ? 2 : 1));
    const found = room.order.map((sku) => ({ sku, rank: fits(sku) })).filter(({ rank }) => rank);
    return found.sort((one, other) => other.rank - one.rank);
  }

  return { load, ready, asked, best };
}
