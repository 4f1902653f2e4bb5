"""The morph: whatever a frame says, the page says it too, and nodes that stay are the same nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., "Page"]

RANDOM_FRAMES = """
(seed) => {
  let state = seed;
  const dice = (n) => { state = (state * 1103515245 + 12345) % 2147483648; return Math.floor((state / 2147483648) * n); };
  const words = ["p", "b", "li", "span"];
  const node = (depth) => {
    const tag = words[dice(words.length)], kind = dice(4);
    const key = kind < 2 ? ` data-key="k${serial[dice(serial.length)]}"` : "";
    const inner = depth && dice(3) ? Array.from({ length: dice(4) }, () => node(depth - 1)).join(" ") : "t" + dice(9);
    return `<${tag}${key} class="c${dice(3)}">${inner}</${tag}>`;
  };
  let serial = [1];
  const plain = (html) => {
    const read = new DOMParser().parseFromString(html, "text/html");
    for (const each of read.querySelectorAll("[id]")) each.removeAttribute("id");
    return read.body;
  };
  const wrong = [];
  for (let round = 0; round < 400 && !wrong.length; round++) {
    serial = Array.from({ length: 12 }, (_, index) => index).sort(() => dice(3) - 1);
    const used = new Set();
    const once = (html) => html.replace(/ data-key="(k\\d+)"/g, (all, key) => (used.has(key) ? "" : used.add(key) && all));
    const html = once(`<div data-key="list">${Array.from({ length: dice(7) }, () => node(2)).join("")}</div>${node(1)}`);
    window.paint(html, false);
    const shown = plain(document.getElementById("overlay").innerHTML), wanted = plain(html);
    if (!shown.isEqualNode(wanted)) wrong.push({ round, shown: shown.innerHTML, wanted: wanted.innerHTML });
  }
  return wrong;
}
"""


@pytest.mark.parametrize("seed", [1, 22, 333])
def test_random_frames_are_shown_as_they_are(open_elements: Open, seed: int) -> None:
    page = open_elements("<p>first</p>")

    assert page.evaluate(RANDOM_FRAMES, seed) == []


def test_what_comes_and_goes_leaves_its_neighbours_alone(open_elements: Open) -> None:
    rows = [f'<li data-key="{sku}">{sku}</li>' for sku in "abcdef"]
    page = open_elements(f"<h1>t</h1><ul>{''.join(rows)}</ul>")
    page.evaluate("document.querySelectorAll('#overlay *').forEach((node) => { node.mine = true })")

    note = '<p class="note">frozen</p>'
    changed = f"<h1>t</h1><ul>{''.join([*rows[:2], '<li data-key=new>new</li>', *rows[3:]])}</ul>{note}"
    page.evaluate("html => window.paint(html)", changed)

    kept = "[...document.querySelectorAll('#overlay *')].map((node) => [node.textContent, Boolean(node.mine)])"
    found = dict(page.evaluate(kept))
    assert [text for text, mine in found.items() if not mine] == ["new", "frozen"]
    assert page.evaluate("document.querySelector('[data-key=new]').hasAttribute('data-entering')")
