"""`overlaykit theme preview` in a real browser: every field under the hand, each saving seen at once, nothing lost."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from websocket import WebSocketBadStatusException, create_connection

from overlaykit.config import bundled_folder
from tests.conftest import REPOSITORY, free_tcp_port, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
Preview = Callable[..., str]
Open = Callable[..., "Page"]
Until = Callable[..., None]

INSIDE = "document.querySelector('figure[data-layout={layout}] iframe')?.contentDocument"


def inside(layout: str, expression: str) -> str:
    """A JavaScript function: `expression` about the document `inner` of a layout's page."""
    return f"(wanted) => {{ const inner = {INSIDE.format(layout=layout)}; return inner && ({expression}); }}"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of classic, to be changed."""
    folder = tmp_path / "mine"
    shutil.copytree(bundled_folder() / "themes" / "classic", folder)
    manifest = folder / "theme.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('id = "classic"', 'id = "mine"'), "utf-8")
    return folder


@pytest.fixture
def preview(tmp_path: Path) -> Iterator[Preview]:
    """Starts `overlaykit theme preview ARGUMENTS` and gives its address."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*arguments: object) -> str:
        port = free_tcp_port()
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "XDG_DATA_HOME": str(tmp_path / "home")}
        log = tmp_path / "preview.log"
        with log.open("wb") as out:
            command = [
                sys.executable,
                "-m",
                "overlaykit",
                "theme",
                "preview",
                *map(str, arguments),
                "--port",
                str(port),
            ]
            running.append(subprocess.Popen(command, stdout=out, stderr=out, cwd=tmp_path, env=environment))

        def listens() -> bool:
            assert running[-1].poll() is None, log.read_text()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        until(listens, "the preview listens")
        return f"http://127.0.0.1:{port}/"

    yield start
    for process in running:
        process.terminate()
        assert process.wait(10) == 0


def test_controls_change_every_picture_and_a_saving_keeps_what_they_say(
    preview: Preview, mine: Path, open_page: Open, until_page: Until
) -> None:
    page = open_page(preview(mine))
    until_page(page, inside("number", "inner.querySelector('ok-number')?.textContent === '240'"))
    page.fill('[data-field="available"] input[type=number]', "12")
    page.select_option('[data-field="option.safe"] select', "douyin")
    page.select_option('[data-field="locale"] select', "en")
    for layout in ("number", "bar", "product_card", "lower_third"):
        until_page(page, inside(layout, "inner.querySelector('ok-number')?.textContent === '12'"))
    until_page(page, inside("number", "inner.documentElement.lang === 'en'"))
    until_page(page, inside("number", "inner.documentElement.dataset.safe === 'douyin'"))
    until_page(
        page, "() => document.querySelector('.safe').offsetParent !== null && !document.querySelector('.safe').hidden"
    )
    page.evaluate(inside("number", "inner.querySelector('ok-number').mine = true"))

    style = mine / "style.css"
    style.write_text(style.read_text("utf-8") + ".slab { outline: 7px solid rgb(1, 2, 3); }\n", "utf-8")
    until_page(
        page,
        inside("number", "inner.defaultView.getComputedStyle(inner.querySelector('.slab')).outlineWidth === '7px'"),
    )
    template = mine / "number.html"
    template.write_text(template.read_text("utf-8").replace('class="about"', 'class="about new"'), "utf-8")
    until_page(page, inside("number", "inner.querySelector('.about.new') !== null"))

    assert page.evaluate(f"() => {INSIDE.format(layout='number')}.querySelector('ok-number').mine")
    assert page.evaluate(f"() => {INSIDE.format(layout='number')}.querySelector('ok-number').textContent") == "12"
    assert page.input_value('[data-field="available"] input[type=number]') == "12"


def test_an_error_is_told_with_file_line_and_names_and_the_last_good_picture_stays(
    preview: Preview, mine: Path, open_page: Open, until_page: Until
) -> None:
    page = open_page(preview(mine))
    until_page(page, inside("number", "inner.querySelector('ok-number') !== null"))
    template, manifest = mine / "number.html", mine / "theme.toml"
    good, sound = template.read_text("utf-8"), manifest.read_text("utf-8")

    for wrong, says in (
        (good.replace("item.state", "item.stat"), ("number.html:4", "Did you mean 'state'")),
        (good + "{% if %}", ("number.html:", "Expected an expression")),
    ):
        template.write_text("", "utf-8")
        time.sleep(0.3)  # an editor on a slow disk
        template.write_text(wrong, "utf-8")
        until_page(
            page, "(says) => says.every((text) => document.getElementById('errors').textContent.includes(text))", says
        )
        assert page.evaluate(f"() => {INSIDE.format(layout='number')}.querySelector('ok-number').textContent") == "240"
        assert page.evaluate("() => document.querySelector('figure[data-layout=number] .screen').matches('.failed')")
    template.write_text(good, "utf-8")
    until_page(page, "() => document.getElementById('errors').hidden")

    manifest.write_text(sound.replace("[layouts.bar]", "[layouts.bar]\ntilte = 1"), "utf-8")
    until_page(page, "() => document.getElementById('errors').textContent.includes(\"Did you mean 'title'\")")
    assert page.evaluate("() => document.querySelectorAll('figure').length") == 5
    manifest.write_text(sound.replace("[layouts.bar]", "[layouts.stripe]"), "utf-8")
    until_page(page, inside("stripe", "inner.querySelector('ok-bar') !== null"))
    until_page(page, "() => document.getElementById('errors').hidden")  # told once every layout is opened


def test_the_connection_can_be_stale_and_lost_and_comes_back(
    preview: Preview, open_page: Open, until_page: Until
) -> None:
    page = open_page(preview("classic"))
    for link in ("stale", "lost", "live"):
        page.select_option('[data-field="link"] select', link)
        until_page(page, inside("number", "inner.documentElement.dataset.link === wanted"), link)


def test_a_sample_plays_and_another_place_in_it_shows_another_board(
    preview: Preview, open_page: Open, until_page: Until
) -> None:
    page = open_page(preview("classic", "--session", "brand_room"))
    until_page(page, "() => document.querySelector('[data-field=place] input') !== null")
    page.evaluate(
        "() => { const place = document.querySelector('[data-field=place] input'); place.value = 500;"
        "place.dispatchEvent(new Event('input')); }"
    )
    until_page(page, inside("product_card", "inner.querySelector('.title')?.textContent.trim().length > 0"))
    until_page(page, inside("product_card", "[...inner.images].every((image) => image.naturalWidth > 0)"))
    first = page.evaluate(inside("number", "inner.querySelector('#overlay').textContent"))
    until_page(page, inside("number", "inner.querySelector('#overlay').textContent !== wanted"), first)


def test_what_cannot_be_is_refused_in_words(preview: Preview, open_page: Open, until_page: Until) -> None:
    page = open_page(preview("classic"))
    field = "[data-field='option.scale'] input[type=number]"
    until_page(page, "(field) => document.querySelector(field) !== null", field)
    page.fill(field, "9")
    says = "option scale: expected a number from 0.5 to 2"
    until_page(page, "(says) => document.getElementById('errors').textContent.includes(says)", says)
    page.fill(field, "1.5")
    until_page(page, "() => document.getElementById('errors').hidden")
    scale = "inner.defaultView.getComputedStyle(inner.documentElement).getPropertyValue('--option-scale').trim()"
    until_page(page, inside("number", f"{scale} === '1.5'"))


@pytest.mark.usefixtures("chromium")
def test_only_pages_of_its_own_are_answered(preview: Preview) -> None:
    address = preview("classic")
    host = address.removeprefix("http://").rstrip("/")

    def status(path: str, **headers: str) -> int:
        request = urllib.request.Request(address + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    assert status("") == 200
    assert status("", Host=f"localhost:{host.partition(':')[2]}") == 200
    assert status("", Host="rebound.example") == 403
    assert status("", Origin="http://elsewhere.example") == 403
    assert status("theme/any/style.css") == 200
    assert status("theme/any/number.html") == 404
    assert status("theme/any/..%2f..%2fpyproject.toml") == 404
    assert status("runtime/..%2fpages.py") == 404
    assert status("preview-files/..%2fapp.py") == 404

    url = f"ws://{host}/ws/preview"
    create_connection(url, origin=f"http://{host}", timeout=10).close()
    for wrong in ({"origin": "http://elsewhere.example"}, {"suppress_origin": True}):
        with pytest.raises(WebSocketBadStatusException, match="403"):
            create_connection(url, timeout=10, **wrong)
