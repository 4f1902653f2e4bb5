"""Every word that the desk's scripts and templates ask for is there, in both languages, with the same places to fill in."""

from __future__ import annotations

import re

import pytest

from overlaykit.web.words import LANGUAGES, words
from tests.conftest import REPOSITORY

WEB = REPOSITORY / "overlaykit" / "web"
SCRIPTS = sorted((WEB / "static" / "desk").rglob("*.js"))
ASKED = re.compile(r"\b(?:say|words)\.([a-z][a-z0-9_]*)|\bsay\[\"([^\"]+)\"\]")
PLACES = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(WEB / "static")))
def test_what_a_script_says_has_words(script: object) -> None:
    asked = {one or other for one, other in ASKED.findall(str(script.read_text(encoding="utf-8")))}  # type: ignore[attr-defined]
    assert asked <= words("en").keys(), asked - words("en").keys()


def test_every_action_of_the_desk_has_a_title_and_a_group() -> None:
    families = (WEB / "static" / "desk" / "actions").glob("*.js")
    text = "\n".join(path.read_text(encoding="utf-8") for path in families)
    actions = re.findall(r'\bid: "([a-z]+\.[a-z]+)", group: "([a-z]+)"', text)
    assert len(actions) > 30
    for action, group in actions:
        assert f"act_{action}" in words("en"), action
        assert f"group_{group}" in words("en"), group


def test_both_languages_fill_in_the_same() -> None:
    one, other = (words(language) for language in LANGUAGES)
    differing = [key for key in one if set(PLACES.findall(one[key])) != set(PLACES.findall(other[key]))]
    assert differing == []
