"""QR codes, drawn on the server."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from markupsafe import Markup

from overlaykit.errors import ThemeError
from overlaykit.theming import Formats
from overlaykit.theming.scene import Scene
from overlaykit.theming.ui import Ui
from overlaykit.theming.words import Words

Render = Callable[..., str]


@pytest.fixture
def ui(formats: Formats) -> Ui:
    return Ui(formats, Words({}, "zh-CN"), Scene(), str)


def test_a_code_is_dark_on_light_and_needs_no_name_to_be_drawn(render: Render) -> None:
    markup = render("{{ ui.qr('https://example.com/?a=1&b=2') }}")

    assert 'role="img" aria-label="https://example.com/?a=1&amp;b=2"' in markup
    assert 'fill="#fff"' in markup
    assert 'stroke="#000"' in markup
    assert 'aria-label="红包"' in render("{{ ui.qr('https://example.com', label='红包') }}")


def test_the_same_text_gives_the_same_code_and_another_another(ui: Ui) -> None:
    first, again, other = ui.qr("a"), ui.qr("a", label="b"), ui.qr("b")

    assert isinstance(first, Markup)
    assert first.split("><svg", 1)[1] == again.split("><svg", 1)[1]
    assert first.split("><svg", 1)[1] != other.split("><svg", 1)[1]


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ ui.qr('') }}", "ui.qr needs a text, not ''"),
        ("{{ ui.qr(none) }}", "ui.qr needs a text, not None"),
        ("{{ ui.qr('链' * 400) }}", "1200 bytes; at most 600"),
    ],
)
def test_what_no_phone_could_read_is_not_drawn(render: Render, template: str, says: str) -> None:
    with pytest.raises(ThemeError) as error:
        render(template)

    assert says in str(error.value)
