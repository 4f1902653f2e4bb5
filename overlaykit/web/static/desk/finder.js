// Finding items by what people call them: link number, sku, title, alias, and pinyin in full or by initials.

const MOST_TYPED = 40;
const NUMBER = /^#?([0-9]+)(?:号|号链接|#)?$/;
const APART = /(?<=[0-9])\s+(?=(?:号|号链接|#)(?:\s|$))/g; // "2 号" is one word
const FROM_THE_FIRST = new Set([0]);

const plain = (text) => text.normalize("NFKC").toLowerCase();

/** What is typed, word by word: {text, number (of a link, or undefined), letters (whether it may be pinyin)}. */
function termsOf(typed) {
  const text = [...plain(typed).trim()].slice(0, MOST_TYPED).join("").replace(APART, "");
  return text.split(/\s+/).filter(Boolean).map((each) => ({ text: each, number: NUMBER.exec(each)?.[1], letters: /^[a-z0-9]+$/.test(each) }));
}

/** Whether `typed` begins some syllables that follow one another: "ymdy", "yangmao" and "yangmdy" find "yang mao da|dai yi". */
function spells(syllables, typed) {
  let behind = FROM_THE_FIRST; // numbers of letters that may be: there are too many ways to try one after the other
  for (const readings of syllables) {
    let reached = FROM_THE_FIRST;
    for (const reading of readings) {
      for (const place of behind) {
        for (let same = 0; same < reading.length && reading[same] === typed[place + same]; same += 1) {
          if (reached === FROM_THE_FIRST) reached = new Set(FROM_THE_FIRST);
          reached.add(place + same + 1);
        }
      }
    }
    if (reached.has(typed.length)) return true;
    behind = reached;
  }
  return false;
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
    if (known?.title === item.title && known.variant === item.variant && known.subtitle === item.subtitle) return known.text;
    const aliases = words[item.sku]?.aliases ?? [];
    const parts = [item.title, item.variant, item.subtitle, item.sku, item.product, ...aliases];
    const text = plain(parts.filter(Boolean).join("\n"));
    texts.set(item.sku, { title: item.title, variant: item.variant, subtitle: item.subtitle, text });
    if (known) load();
    return text;
  }

  /** 2 for the item whose link number a term is, 1 for another hit, 0 for none. */
  function rank({ text, number, letters }, item) {
    if (number !== undefined && item.link !== null) {
      if (item.link === Number(number)) return 2;
      if (String(item.link).startsWith(number)) return 1;
    }
    return textOf(item).includes(text) || (letters && words[item.sku]?.syllables.some((each) => spells(each, text))) ? 1 : 0;
  }

  /** What is asked by `typed`, as a test of items: 2 for the link of a number in it, 1 for another hit, 0 for none; null: all are wanted. */
  function asked(typed) {
    const terms = termsOf(typed);
    if (!terms.length) return null;
    return (sku) => {
      const item = room.items.get(sku);
      let best = 0;
      for (const term of terms) {
        const fits = rank(term, item);
        if (!fits) return 0;
        best = Math.max(best, fits);
      }
      return best;
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
