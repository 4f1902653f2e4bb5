"""Every word that scripts and templates ask for is there, in both languages, with the same places to fill in; and no other."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from overlaykit.web.words import LANGUAGES, words
from tests.conftest import REPOSITORY

WEB = REPOSITORY / "overlaykit" / "web"
PAGES = ("desk", "presenter", "buttons")
ASKING = sorted(
    [path for page in PAGES for path in (WEB / "static" / page).rglob("*.js")] + [*(WEB / "templates").rglob("*.html")]
)
ASKED = re.compile(r"\b(?:say|words)\.([a-z][a-z0-9_]*)|\bsay\[\"([^\"]+)\"\]")
PLACES = re.compile(r"\{(\w+)(?:\|[^|}]*\|[^}]*)?\}")
BUILT = re.compile(r"[`'\"]([a-z_]+_)(?:\$?\{|[\"'] [~+])")
"""How a key begins of which the rest is only known as it runs: `state_${item.state}`, "level_" ~ level, f"advice_{reason}"."""


@pytest.mark.parametrize("path", ASKING, ids=lambda path: str(path.relative_to(WEB)))
def test_what_a_page_says_has_words(path: Path) -> None:
    asked = {one or other for one, other in ASKED.findall(path.read_text(encoding="utf-8"))}
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


def test_every_word_is_asked_for() -> None:
    ours = [*WEB.rglob("*.js"), *WEB.rglob("*.html"), *WEB.rglob("*.py")]
    asking = "\n".join(
        path.read_text(encoding="utf-8") for path in ours if not {"words", "uplot"} & set(path.relative_to(WEB).parts)
    )
    programs = "\n".join(
        path.read_text(encoding="utf-8")
        for path in WEB.parent.rglob("*.py")
        if "words" not in path.relative_to(WEB.parent).parts
    )
    names = set(re.findall(r"[\w.-]+", asking + programs)) | set(re.findall(r"\w+", asking + programs))
    beginnings = set(BUILT.findall(asking))

    def asked_for(key: str) -> bool:
        rests = [key.removeprefix(each) for each in beginnings if key.startswith(each)]
        return key in names or any(rest in names or rest.removesuffix("_help") in names for rest in rests)

    assert [key for key in words("en") if not asked_for(key)] == []


COUNTED = re.compile(r"\{(?:n|all|available|count|entries|held|items|left|opening|sum|tasks|then|units)\} [a-z]+s\b")
ALWAYS_MANY = {"rule_fired", "log_proof_far"}
"""The first is said of one in a sentence of its own; the second of a bound of thousands."""


def test_one_of_a_thing_is_not_said_in_the_plural() -> None:
    plural = {key for key, text in words("en").items() if COUNTED.search(text)}
    assert plural - ALWAYS_MANY == set()


def test_a_word_is_written_down_once() -> None:
    parts = [import_module(f"overlaykit.web.words.{path.stem}") for path in (WEB / "words").glob("[a-z]*.py")]
    written = [key for part in parts for key in part.WORDS]
    assert sorted(written) == sorted(words("en"))
