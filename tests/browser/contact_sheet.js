// The page on which contact sheets are laid, packed and compared.
const BLOCK = 6, SHIFT = 2, GREY = "#777";
const CHANNELS = 3;
const QUALITY = 0.7;

function missingFonts(families) {
  const context = document.createElement("canvas").getContext("2d");
  const width = (font) => {
    context.font = `40px ${font}`;
    return context.measureText("mWi 库存 0123").width;
  };
  const has = (family) => ["monospace", "serif"].some((other) => width(`"${family}", ${other}`) !== width(other));
  return families.filter((family) => !has(family));
}

// frames: [{ path, text, left, top, width, height }]
function lay(frames) {
  document.body.style.cssText = `margin: 0; background: ${GREY};`;
  document.body.replaceChildren(...frames.flatMap(({ path, text, left, top, width, height }) => {
    const heading = document.createElement("p");
    heading.textContent = text;
    heading.style.cssText = `position: absolute; left: ${left + 4}px; top: ${top - 15}px; margin: 0; font: 12px/14px sans-serif;`;
    if (path === null) return [heading];
    const frame = document.createElement("iframe");
    frame.src = path;
    frame.style.cssText = `position: absolute; left: ${left}px; top: ${top}px; width: ${width}px; height: ${height}px; border: 0; visibility: hidden;`;
    return [heading, frame];
  }));
}

// Frames are hidden until all of them are done: so the sheet is painted once, and not for each step of each frame's loading.
function settled() {
  const frames = [...document.querySelectorAll("iframe")];
  const done = frames.every((frame) => {
    const page = frame.contentDocument;
    return page?.documentElement?.dataset.link === "live"
      && [...page.images].every((image) => image.complete)
      && page.fonts.status === "loaded";
  });
  if (done) for (const frame of frames) frame.style.visibility = "";
  return done;
}

async function drawn(url) {
  const image = await createImageBitmap(await (await fetch(url)).blob());
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return context;
}

function webp(context) {
  return context.canvas.toDataURL("image/webp", QUALITY);
}

async function packed(url) {
  return webp(await drawn(url)).split(",")[1];
}

// Sums over everything left of and above a pixel: the mean of any rectangle is four look-ups away.
class Means {
  constructor(context, { left, top, width, height }) {
    const { data } = context.getImageData(left, top, width, height);
    this.row = (width + 1) * CHANNELS;
    this.sums = new Uint32Array(this.row * (height + 1));
    for (let y = 0; y < height; y++) {
      const line = [0, 0, 0];
      for (let x = 0; x < width; x++) {
        for (let channel = 0; channel < CHANNELS; channel++) {
          line[channel] += data[(y * width + x) * 4 + channel];
          const at = (y + 1) * this.row + (x + 1) * CHANNELS + channel;
          this.sums[at] = this.sums[at - this.row] + line[channel];
        }
      }
    }
  }

  of(x, y, channel) {
    const at = y * this.row + x * CHANNELS + channel;
    const down = BLOCK * this.row, right = BLOCK * CHANNELS;
    return (this.sums[at + down + right] - this.sums[at + down] - this.sums[at + right] + this.sums[at]) / BLOCK ** 2;
  }
}

// Whether the block of `one` is more than `level` beside all that `other` has within SHIFT pixels of it.
function outside(one, other, x, y, right, bottom, level) {
  for (let channel = 0; channel < CHANNELS; channel++) {
    const is = one.of(x, y, channel);
    if (Math.abs(is - other.of(x, y, channel)) <= level) continue;
    let least = 255, most = 0;
    for (let v = Math.max(0, y - SHIFT); v <= Math.min(bottom, y + SHIFT); v++) {
      for (let u = Math.max(0, x - SHIFT); u <= Math.min(right, x + SHIFT); u++) {
        const mean = other.of(u, v, channel);
        if (mean < least) least = mean;
        if (mean > most) most = mean;
      }
    }
    if (least - is > level || is - most > level) return true;
  }
  return false;
}

// What is gone is seen from the one, what has come from the other. The sheet is packed too: what that loses is lost on both sides.
async function compared([baselineUrl, sheetUrl, cells, { level, size }]) {
  const baseline = await drawn(baselineUrl), sheet = await drawn(webp(await drawn(sheetUrl)));
  const differ = {};
  if (baseline.canvas.width !== size[0] || baseline.canvas.height !== size[1]) {
    throw new Error(`the baseline is ${baseline.canvas.width}x${baseline.canvas.height}, expected ${size.join("x")}`);
  }
  const marks = [];
  for (const cell of cells) {
    const was = new Means(baseline, cell), is = new Means(sheet, cell);
    const right = cell.width - BLOCK, bottom = cell.height - BLOCK;
    differ[cell.name] = 0;
    for (let y = 0; y <= bottom; y += BLOCK) {
      for (let x = 0; x <= right; x += BLOCK) {
        if (!outside(was, is, x, y, right, bottom, level) && !outside(is, was, x, y, right, bottom, level)) continue;
        differ[cell.name] += 1;
        marks.push([cell.left + x, cell.top + y]);
      }
    }
  }
  if (!marks.length) return { differ, difference: "" };
  sheet.fillStyle = "rgb(255 0 0 / 65%)";
  for (const [x, y] of marks) sheet.fillRect(x, y, BLOCK, BLOCK);
  return { differ, difference: webp(sheet).split(",")[1] };
}
