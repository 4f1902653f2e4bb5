"""The words of a theme: `_('left')` in a template, from `[strings.<locale>]` of its manifest."""

from __future__ import annotations

import re
from collections.abc import Mapping

from overlaykit.errors import ThemeError
from overlaykit.theming.manifest import say_known

STATUS_WORDS: dict[str, dict[str, str]] = {
    "zh": {"updating": "数据获取中", "frozen": "库存数字暂停更新"},
    "en": {"updating": "Updating", "frozen": "Numbers on hold"},
}
"""What a page says by itself when its numbers are not current; a theme's own strings of the same key come first."""


class Words:
    """`_`: the theme's string `key`, with `{name}` replaced by the argument `name`."""

    def __init__(self, strings: Mapping[str, Mapping[str, str]], locale: str) -> None:
        self.locale = nearest_locale(strings, locale)
        self._words = {**status_words(locale), **(strings[self.locale] if self.locale else {})}

    def __call__(self, key: str, **values: object) -> str:
        try:
            text = self._words[key]
        except KeyError:
            raise ThemeError(
                f"there is no string {key!r}", remedy=say_known("strings", sorted(self._words), key)
            ) from None
        return re.sub(r"\{(\w+)\}", lambda found: self._value(key, found[1], values), text)

    def _value(self, key: str, name: str, values: Mapping[str, object]) -> str:
        if name not in values:
            raise ThemeError(f"the string {key!r} needs {name!r}", remedy=f"Write _({key!r}, {name}=…).")
        return str(values[name])


def nearest_locale(known: Mapping[str, object], wanted: str) -> str | None:
    """The known locale to use: the same, else one of the same language, else the first; None when there is none."""
    language = wanted.split("-")[0]
    same_language = (locale for locale in known if locale.split("-")[0] == language)
    return wanted if wanted in known else next(same_language, next(iter(known), None))


def status_words(locale: str) -> dict[str, str]:
    """The words of STATUS_WORDS in Chinese for Chinese locales, else in English."""
    return STATUS_WORDS["zh" if locale.split("-")[0] == "zh" else "en"]
