"""What `theme check` measures in a browser: text that cannot be read on air, and pictures that flash."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from overlaykit.cli.theme.measuring import measure_theme
from overlaykit.model.plugins import Theme
from overlaykit.theming import load_theme
from overlaykit.theming.starter import starter_files

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

BAD = """
<section class="bad" data-key="{{ item.sku }}">
  <p class="thin">{{ item.title }}</p>
  <p class="outlined">{{ item.title }}</p>
  <p class="sound">{{ ui.number(item.available) }}</p>
  <div class="labelled">{{ ui.units(item.available, item.opening, most=10, key='labelled') }}</div>
  <div class="faint">{{ ui.units(item.available, item.opening, most=10, key='faint') }}</div>
  <p class="narrow">{{ item.title }} {{ ui.price(item.price) }}</p>
</section>
"""
BAD_STYLE = """
.bad { position: absolute; inset: 10vh 5vw; animation: blink 200ms steps(2, jump-none) 60; }
@keyframes blink { from { background: rgb(0 0 0); } to { background: rgb(255 255 255); } }
.thin { color: #ffffff; background: rgb(0 0 0 / 30%); }
.outlined { color: #ffffff; text-shadow: 0 0 4px #000000; }
.labelled ok-units::part(legend) { color: #000000; background: #ffffff; opacity: 1; }
.faint ok-units::part(legend) { color: #777777; background: #888888; opacity: 1; }
.narrow { width: 60vw; overflow: hidden; white-space: nowrap; color: #ffffff; background: #000000; }
.sound { color: #ffffff; background: #000000; }
"""


def test_only_what_is_wrong_is_found(chromium: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name, text in starter_files("mixed", layouts=["number"]).items():
        (folder / name).write_text(text, encoding="utf-8")
    manifest = (folder / "theme.toml").read_text(encoding="utf-8").replace("1080x1920", "270x480")
    manifest = manifest.replace("1920x1080", "480x270")
    bad = '\n[layouts.bad]\ntemplate = "bad.html"\nsize = "270x480"\nneeds = ["item"]\nstyles = ["bad.css"]\n'
    (folder / "theme.toml").write_text(manifest + bad, encoding="utf-8")
    (folder / "bad.html").write_text(BAD, encoding="utf-8")
    (folder / "bad.css").write_text(BAD_STYLE, encoding="utf-8")
    theme = load_theme(Theme(name="mixed", folder=folder))

    found = list(measure_theme(chromium, theme))

    assert {(each.level, each.rule, each.file) for each in found} == {
        ("error", "contrast", "bad.html"),
        ("error", "cut", "bad.html"),
        ("error", "flashes", "bad.html"),
    }, found
    assert {each.reason.partition(" ")[0] for each in found if each.rule == "contrast"} == {".thin", ".faint"}
    assert {each.reason.partition(" ")[0] for each in found if each.rule == "cut"} == {"coat.price"}
    assert all(each.remedy for each in found)
