// Every text of the overlay as it is drawn: its colour, what is painted behind it, its size. A text whose ground cannot be known
// (over a picture, a gradient, beside what it belongs to) is left out, and so is one that is outlined.
() => {
  for (const animation of document.getAnimations()) { try { animation.finish(); } catch { animation.cancel(); } }
  const found = [];
  const colour = (text) => {
    const [red, green, blue, alpha = 1] = (text.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    return [red, green, blue, alpha];
  };
  const over = (top, low) => {
    const alpha = top[3] + low[3] * (1 - top[3]);
    if (alpha === 0) return [0, 0, 0, 0];
    return [0, 1, 2].map((i) => (top[i] * top[3] + low[i] * low[3] * (1 - top[3])) / alpha).concat(alpha);
  };
  const parent = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
  const painted = (style) => style.backgroundImage !== "none" || colour(style.backgroundColor)[3] > 0;
  const measure = (text, element) => {
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (!box.width || !box.height || x < 0 || y < 0 || x > innerWidth || y > innerHeight) return;
    const own = getComputedStyle(element);
    if (own.visibility !== "visible") return;
    const outlined = own.textShadow !== "none" || parseFloat(own.webkitTextStrokeWidth) > 0;
    let ink = colour(own.color), ground = [0, 0, 0, 0], named = null;
    const around = new Set();
    for (let node = element; node; node = parent(node)) {
      const style = getComputedStyle(node);
      around.add(node);
      named ??= node.getRootNode() === document && node.className && typeof node.className === "string" ? "." + node.className.trim().split(/\s+/).join(".") : null;
      if (style.display === "contents") continue;
      if (style.filter !== "none" || style.mixBlendMode !== "normal") return;
      for (const pseudo of ["::before", "::after"]) {
        const made = getComputedStyle(node, pseudo);
        if (made.content !== "none" && made.position === "absolute" && painted(made) && parseFloat(made.width) > box.width) return;
      }
      if (style.backgroundImage !== "none" && ground[3] < 0.99) return;
      const below = colour(style.backgroundColor);
      [ink, ground] = [over(ink, below), over(ground, below)];
      const opacity = Number(style.opacity);
      ink[3] *= opacity;
      ground[3] *= opacity;
    }
    if (ink[3] < 0.05 || (outlined && ground[3] < 0.9)) return;
    for (const other of document.elementsFromPoint(x, y)) {
      if (around.has(other) || other.contains(element) || element.contains(other)) continue;
      const style = getComputedStyle(other);
      if (other.matches("img, canvas, video, svg") || painted(style)) return;
    }
    found.push({
      text: text.textContent.trim().slice(0, 40), where: named ?? element.localName, ink, ground,
      size: parseFloat(own.fontSize), bold: Number(own.fontWeight) >= 700,
    });
  };
  const walk = (node) => {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && child.textContent.trim()) measure(child, child.assignedSlot ?? node.host ?? node);
      else if (child.nodeType === Node.ELEMENT_NODE && child.localName !== "style") walk(child);
    }
    if (node.shadowRoot) walk(node.shadowRoot);
  };
  walk(document.getElementById("overlay"));
  return found;
}
