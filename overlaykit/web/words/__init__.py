"""What the pages say, in the languages operators read. One file for each part of the pages; a key begins with its part's name."""

from __future__ import annotations

from flask import request

from overlaykit.web.words import (
    actions,
    alerts,
    buttons,
    emergencies,
    log,
    oauth,
    obs,
    outside,
    overlays,
    presenter,
    refused,
    rules,
    shell,
    stock,
    tasks,
    theme,
)

LANGUAGES = ("zh-CN", "en")

_PARTS = (
    actions,
    alerts,
    buttons,
    emergencies,
    log,
    oauth,
    obs,
    outside,
    overlays,
    presenter,
    refused,
    rules,
    shell,
    stock,
    tasks,
    theme,
)


def language() -> str:
    """As the request asks, else Chinese."""
    return asked_language() or LANGUAGES[0]


def asked_language() -> str | None:
    """`lang` of the address, else what the browser prefers; None where neither says."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    for tag, _ in request.accept_languages:
        if tag.lower().startswith("zh"):
            return "zh-CN"
        if tag.lower().startswith("en"):
            return "en"
    return None


def words(language: str) -> dict[str, str]:
    """All words in one language, by key."""
    place = LANGUAGES.index(language)
    return {key: texts[place] for part in _PARTS for key, texts in part.WORDS.items()}
