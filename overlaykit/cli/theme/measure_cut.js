// Live figures (numbers, prices, countdowns) of which a part cannot be seen: outside of the picture, or cut by what holds them.
() => {
  for (const animation of document.getAnimations()) { try { animation.finish(); } catch { animation.cancel(); } }
  const SLACK = 3;
  const picture = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  const outside = (box, frame, x = true, y = true) =>
    (x && (box.left < frame.left - SLACK || box.right > frame.right + SLACK)) ||
    (y && (box.top < frame.top - SLACK || box.bottom > frame.bottom + SLACK));
  const found = [];
  for (const node of document.querySelectorAll("#overlay :is(ok-number, ok-countdown, .ok-price)")) {
    const box = node.getBoundingClientRect();
    if (!box.width || !box.height || getComputedStyle(node).visibility !== "visible") continue;
    let cut = outside(box, picture);
    for (let holder = node.parentElement; holder && holder.id !== "overlay" && !cut; holder = holder.parentElement) {
      const style = getComputedStyle(holder);
      const [x, y] = [style.overflowX !== "visible", style.overflowY !== "visible"];
      cut = (x || y) && outside(box, holder.getBoundingClientRect(), x, y);
    }
    if (cut) found.push({ where: node.dataset.key ?? node.localName, text: node.textContent.trim() });
  }
  return found;
}
