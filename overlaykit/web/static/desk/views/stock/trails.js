// How the available units of items went in the last half hour: what the server knows, continued from what the feed says.

const MOST_KNOWN = 400; // items whose trail is kept here
const AT_ONCE = 40; // items in one question, so that the address stays short
const SOON = 150;
const SAMPLES = 360;
const MISSED = 3; // samples after which what is known has a gap, and is asked again
const SHORTEST = 60; // samples over which a line is drawn at the least: five minutes

/** Trails of the items of the room; `drawn(skus)` is called when there is more to draw of these. */
export function trailsOf(desk, drawn) {
  const { room, clock } = desk;
  const known = new Map();
  const sights = new Map();
  const wanted = new Set();
  let every = 5000;
  let sampled = clock.now();
  let asking = 0;

  async function ask() {
    asking = 0;
    const skus = [...wanted].slice(0, AT_ONCE);
    if (!skus.length) return;
    for (const sku of skus) wanted.delete(sku);
    const { body: found } = await desk.ask("/desk/trails.json", { sku: skus });
    if (found) {
      every = found.every * 1000;
      for (const sku of skus) keep(sku, found.trails[sku] ?? []); // one of which nothing is known there begins now
      drawn(skus);
    }
    if (wanted.size) askSoon();
  }

  function askSoon() {
    asking ||= setTimeout(ask, SOON);
  }

  function keep(sku, values) {
    known.delete(sku);
    known.set(sku, values.filter((each) => each !== null));
    while (known.size > MOST_KNOWN) known.delete(known.keys().next().value);
  }

  /** Asks for what is in sight and not known. */
  function look() {
    wanted.clear();
    for (const sku of new Set([...sights.values()].flat())) {
      if (!known.has(sku)) wanted.add(sku);
      else keep(sku, known.get(sku));
    }
    if (wanted.size) askSoon();
  }

  /** What was known may be wrong: the room was not followed for a while. */
  function forget() {
    known.clear();
    look();
  }

  return {
    /** These are in sight now at `place`, such as the table: what is not known of them is asked. */
    want(place, skus) {
      sights.set(place, skus);
      look();
    },
    /** A second has passed. */
    tick() {
      const passed = clock.now() - sampled;
      if (passed < every) return;
      sampled = clock.now();
      if (passed > MISSED * every) {
        forget();
        return;
      }
      for (const [sku, values] of known) {
        const item = room.items.get(sku);
        if (!item) known.delete(sku);
        else if (values.push(item.available) > SAMPLES) values.shift();
      }
      drawn(known.keys());
      look(); // what was asked in vain is asked again
    },
    forget,
    of: (sku) => known.get(sku),
  };
}

/** Draws numbers as a line over its area, from zero, in the colour of the text there. */
export function drawTrail(canvas, values, width, height) {
  const ratio = devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, wide, high);
  if (!values?.length) return;
  const most = Math.max(1, ...values);
  const inset = 1.5 * ratio;
  const step = (wide - 2 * inset) / (Math.max(SHORTEST, values.length) - 1);
  const x = (place) => wide - inset - (values.length - 1 - place) * step;
  const y = (value) => high - inset - (value / most) * (high - 2 * inset);
  pen.beginPath();
  values.forEach((value, place) => pen.lineTo(x(place), y(value)));
  pen.strokeStyle = pen.fillStyle = getComputedStyle(canvas).color;
  pen.lineWidth = 1.5 * ratio;
  pen.lineJoin = "round";
  pen.stroke();
  pen.lineTo(x(values.length - 1), high);
  pen.lineTo(x(0), high);
  pen.globalAlpha = 0.15;
  pen.fill();
  pen.globalAlpha = 1;
}
