"""A text that says the same in both languages is taken apart alike by the server and by the desk."""

from __future__ import annotations

import pytest

from overlaykit.plan import words_in
from tests.web.both.conftest import InScript, table

TABLE = table("language")
TEXTS = {text: (zh, en) for text, zh, en in TABLE["taken_apart"]} | {text: (text, text) for text in TABLE["as_it_is"]}
TAKE_APART = """async (texts) => {
  const { inLanguage } = await import("/static/desk/language.js");
  return texts.map((text) => [inLanguage(text, "zh-CN"), inLanguage(text, "en"), inLanguage(text)]);
}"""


@pytest.mark.parametrize("text", TEXTS)
def test_the_server_takes_it_apart(text: str) -> None:
    zh, en = TEXTS[text]
    assert words_in(text) == (en, zh)
    if zh != en:
        assert words_in(text).both() == text


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_desk_takes_it_apart(in_script: InScript, lang: str) -> None:
    found = in_script(TAKE_APART, list(TEXTS), lang)
    assert found == [[zh, en, zh if lang == "zh-CN" else en] for zh, en in TEXTS.values()]
