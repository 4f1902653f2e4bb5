"""Titles and themes of people who mean harm, in a real browser in front of a real room."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from overlaykit.config import bundled_folder
from overlaykit.model.plugins import Theme
from overlaykit.theming import load_theme
from overlaykit.web.overlays.shelf import STATIC

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.store]

Open = Callable[..., "Page"]
Until = Callable[..., None]

WATCH = """
  window.refused = [];
  document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
"""
BANNER = "(text) => [...document.querySelectorAll('.ok-announcement')].at(-1)?.textContent.includes(text)"
RUN = "(window.ran ||= []).push(1)"
TITLES = {
    "a script": f"<script>{RUN}</script>",
    "a picture": f"<img src=x onerror='{RUN}'>",
    "the end of an attribute": f'"><svg onload="{RUN}">',
    "the end of another": f"' onmouseover='{RUN}' style='position:fixed;inset:0' x='",
    "the end of a style": f"</style><script>{RUN}</script>",
    "the end of a title": f"</title></textarea></noscript><script>{RUN}</script>",
    "a comment": f"--><script>{RUN}</script><!--",
    "a frame": f'<iframe srcdoc="<script>parent.{RUN}</script>">',
    "an address": f"javascript:{RUN}",
    "a template": "{{ 7 * 7 }}{% for x in items %}x{% endfor %}{# gone #}${7 * 7}",
    "entities": "&lt;b&gt; &amp;amp; &#x3c;script&#x3e;",
    "a null byte": f"<scr\0ipt>{RUN}</scr\0ipt>",
    "the other direction": "大衣 \u202e<tpircs>\u202c \u200f羊绒\u2066 coat\u2069",
    "half-width and joined": "大\u200d衣\ufeff <\uff53cript> \U0001f9e5",
    "a placeholder": "\0live:0\0 data-key=",
}


def test_titles_are_text_in_every_layout(live: Any, open_page: Open, until_page: Until) -> None:
    classic = load_theme(Theme(name="classic", folder=bundled_folder() / "themes" / "classic"))
    pages = {layout: open_page(live.overlay(layout), script=WATCH) for layout in classic.layouts}
    dialogs: list[str] = []
    for page in pages.values():
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))

    for what, title in TITLES.items():
        # A null byte is taken from nobody but announcements, and no page can show it.
        shown = f"title{title}".replace("\0", "")
        said = {name: shown.replace("title", name, 1) for name in ("title", "variant", "subtitle")}
        live.send({"type": "item.update", "sku": "A", **said}, {"type": "announce.show", "text": title})
        until_page(pages["lower_third"], BANNER, title.replace("\0", ""))
        for layout, page in pages.items():
            if layout != "countdown":  # it has no title
                until_page(page, "(title) => document.body.textContent.includes(title)", shown)
            assert page.evaluate("window.ran") is None, what
            assert [each for each in page.evaluate("window.refused") if not each.startswith("img-src")] == [], what
            assert page.evaluate("document.querySelectorAll('main script, main iframe, main style').length") == 0, what
        # What stood there before a page was opened goes another way: into the page's own HTML.
        pages["lower_third"].reload()
        assert shown in pages["lower_third"].evaluate("document.body.textContent")
        assert pages["lower_third"].evaluate("window.ran") is None, what
    assert dialogs == []


def test_a_title_that_turns_the_direction_leaves_prices_as_they_are(chromium: Browser) -> None:
    page = chromium.new_page()
    price = '<span class="ok-price"><b>¥</b><i>899</i></span>'
    page.set_content(f"<style>{(STATIC / 'page.css').read_text()}</style><p>\u202e 大衣 {price}</p>")
    left = "(name) => document.querySelector(name).getBoundingClientRect().left"

    assert page.evaluate(left, "b") < page.evaluate(left, "i")
    page.close()


def test_a_theme_runs_no_script_however_it_says_it(live: Any, open_page: Open, until_page: Until) -> None:
    page = open_page(live.overlay("scripts", theme="hostile"), script=WATCH)
    until_page(page, "() => window.refused.length > 9")
    for control in ("#link", "#button", "#handler"):
        page.click(control)

    assert live.order() == 99
    until_page(page, "() => document.querySelector('ok-number').textContent === '99'")
    assert page.evaluate("window.ran") is None
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
    refused = page.evaluate("window.refused")
    assert {each for each in refused if not each.startswith("style")} >= {"script-src-elem", "script-src-attr"}


def test_a_page_that_leaves_for_a_file_of_its_theme_runs_no_script_there(live: Any, open_page: Open) -> None:
    page = open_page(live.overlay("away", theme="hostile"))
    page.wait_for_url("**/evil.svg")

    assert page.evaluate("document.documentElement.localName") == "svg"
    assert page.evaluate("document.documentElement.id") == ""
    assert page.evaluate("window.ran") is None
    assert page.evaluate("window.origin") == "null"


def test_scripts_of_a_theme_are_not_given_out(live: Any) -> None:
    status, body = live.room.get("/overlay-files/themes/hostile/1/evil.js", scope=None)

    assert status == 404
    assert "evil.js is not served" in json.loads(body)["detail"]


def test_a_theme_that_runs_on_is_stopped_and_nothing_else_is(live: Any, open_page: Open, until_page: Until) -> None:
    endless = open_page(live.overlay("endless", theme="hostile"))
    other = open_page(live.overlay("number"))
    live.order(quantity=5)
    until_page(endless, "() => document.querySelector('#left').textContent === '95'")  # the last that it can show

    waits = []
    for left in range(94, 84, -1):
        assert live.order() == left
        began = time.monotonic()
        with urllib.request.urlopen(f"{live.room.url}/healthz", timeout=10) as answer:
            assert answer.status == 200
        until_page(other, "(n) => document.querySelector('ok-number')?.textContent === n", str(left))
        waits.append(time.monotonic() - began)

    assert max(waits) < 4
    until_page(endless, "() => document.documentElement.dataset.error?.includes('was stopped')")
    assert "endless.html:4" in endless.evaluate("document.documentElement.dataset.error")
    assert endless.inner_text("#left") == "95"

    live.count("A", 97)
    # It rests many times what its last rendering took of the clock, which on a busy machine is more than of the processor.
    until_page(endless, "() => document.querySelector('#left').textContent === '97'", None, 60_000)
    assert endless.evaluate("document.documentElement.dataset.error") is None
