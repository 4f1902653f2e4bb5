// Allotments that were moved and not set: they stand as they were moved when their item is opened again, also after the page was loaded anew.

import { fill } from "../dom.js";

const plain = ([channel, { quantity, over }]) => [channel, { quantity, over }];

function remembered(key) {
  try {
    const found = JSON.parse(sessionStorage.getItem(key)) ?? [];
    return new Map(found.map(([sku, moves]) => [sku, new Map(moves)]));
  } catch {
    return new Map();
  }
}

/**
 * `of(sku)`: Map channel → {quantity, over, sent}: what it was moved to, null for the pool, what stood there then, and whether that is
 * on its way; `keep()` once one was changed. Whoever leaves an item with such as are not is told.
 */
export function unsentMoves(desk) {
  const { words: say, room } = desk;
  const key = `overlaykit.allotments.${desk.session}`;
  const all = remembered(key);

  function of(sku) {
    if (!all.has(sku)) all.set(sku, new Map());
    return all.get(sku);
  }

  function keep() {
    const moved = [...all].filter(([, moves]) => moves.size);
    try {
      sessionStorage.setItem(key, JSON.stringify(moved.map(([sku, moves]) => [sku, [...moves].map(plain)])));
    } catch {
      // a browser that keeps nothing: for as long as the page is open
    }
  }

  desk.onSelect((_, before) => {
    const waits = before !== null && [...of(before).values()].some(({ sent }) => !sent);
    if (waits) desk.say(fill(say.allotments_unsent, { title: room.title(before) }));
  });
  return { of, keep };
}
