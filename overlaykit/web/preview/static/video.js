// A background that moves like a room on camera: soft lights that drift, something that passes, and grain.
const STEP_MS = 80;

/** Draws on the canvas, while it can be seen, until the function that it gives is called. */
export function drawVideo(canvas) {
  const pen = canvas.getContext("2d");
  const began = performance.now();
  let timer = 0, seen = true;
  const watcher = new IntersectionObserver(([entry]) => { seen = entry.isIntersecting; });
  watcher.observe(canvas);
  const step = () => {
    timer = setTimeout(() => requestAnimationFrame(step), STEP_MS);
    if (!seen) return;
    const { width, height } = canvas;
    const unit = Math.max(width, height) / 90;
    const t = (performance.now() - began) / 1000;
    pen.globalCompositeOperation = "source-over";
    const wall = pen.createLinearGradient(0, 0, width, height);
    wall.addColorStop(0, "#d8c3a5");
    wall.addColorStop(1, "#54636e");
    pen.fillStyle = wall;
    pen.fillRect(0, 0, width, height);
    light(pen, width * (0.3 + 0.12 * Math.sin(t / 3)), height * 0.2, 46 * unit, "rgb(255 244 222 / 90%)");
    light(pen, width * (0.8 + 0.1 * Math.cos(t / 4)), height * 0.4, 34 * unit, "rgb(120 170 210 / 70%)");
    light(pen, width * (0.5 + 0.35 * Math.sin(t / 1.7)), height * (0.72 + 0.05 * Math.sin(t)), 28 * unit, "rgb(36 26 22 / 90%)");
    for (let grain = 0; grain < 1500; grain += 1) {
      pen.fillStyle = Math.random() > 0.5 ? "rgb(255 255 255 / 10%)" : "rgb(0 0 0 / 12%)";
      pen.fillRect(Math.random() * width, Math.random() * height, 1, 1);
    }
  };
  step();
  return () => {
    clearTimeout(timer);
    watcher.disconnect();
  };
}

function light(pen, x, y, radius, colour) {
  const glow = pen.createRadialGradient(x, y, 0, x, y, radius);
  glow.addColorStop(0, colour);
  glow.addColorStop(1, colour.replace(/\/ .*\)/, "/ 0%)"));
  pen.fillStyle = glow;
  pen.fillRect(0, 0, pen.canvas.width, pen.canvas.height);
}
