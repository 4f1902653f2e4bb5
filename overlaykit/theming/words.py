"""The words of a theme: `_('left')` in a template, from `[strings.<locale>]` of its manifest."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from overlaykit.errors import ThemeError
from overlaykit.theming.manifest import say_known
from overlaykit.theming.options import Text

OWN_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "updating": "数据获取中",
        "frozen": "库存数字暂停更新",
        "planned": "即将开播",
        "ended": "本场已结束",
        "state_upcoming": "即将开售",
        "state_on_sale": "在售",
        "state_low": "库存紧张",
        "state_critical": "即将售罄",
        "state_sold_out": "已售罄",
        "state_presale": "预售",
        "state_closed": "已结束",
        "moment_last_chance": "最后机会",
        "moment_sold_out": "已售罄",
        "ui_link": "{n}号链接",
        "ui_left": "剩余",
        "ui_sold": "已售",
        "ui_next": "下一款",
        "ui_ends": "距结束",
        "ui_ships": "{date} 发货",
        "ui_per": "每个代表 {n} 件",
    },
    "en": {
        "updating": "Updating",
        "frozen": "Numbers on hold",
        "planned": "Starting soon",
        "ended": "This show has ended",
        "state_upcoming": "Coming up",
        "state_on_sale": "On sale",
        "state_low": "Low stock",
        "state_critical": "Almost gone",
        "state_sold_out": "Sold out",
        "state_presale": "Pre-order",
        "state_closed": "Ended",
        "moment_last_chance": "Last chance",
        "moment_sold_out": "Sold out",
        "ui_link": "Link {n}",
        "ui_left": "Left",
        "ui_sold": "Sold",
        "ui_next": "Next",
        "ui_ends": "Ends in",
        "ui_ships": "Ships {date}",
        "ui_per": "each stands for {n}",
    },
}
"""What pages and macros say by themselves; a theme's own strings of the same key come first."""

LONGEST_VALUE = 1000
"""Characters of what replaces a `{name}` in a string."""
_PLACE = re.compile(r"\{(\w+)\}")


class Words:
    """`_`: the theme's string `key`, with `{name}` replaced by the argument `name`. A live element stays one."""

    def __init__(self, strings: Mapping[str, Mapping[str, str]], locale: str) -> None:
        self.locale = nearest_locale(strings, locale)
        self._words = {**own_words(locale), **(strings[self.locale] if self.locale else {})}

    def __call__(self, key: str, **values: object) -> str:
        try:
            text = self._words[key]
        except KeyError:
            raise ThemeError(
                f"there is no string {key!r}", remedy=say_known("strings", sorted(self._words), key)
            ) from None
        if any(isinstance(value, Markup) for value in values.values()):
            return Markup(_PLACE.sub(lambda found: escape(self._value(key, found[1], values)), escape(text)))
        return _PLACE.sub(lambda found: self._value(key, found[1], values), text)

    def __contains__(self, key: object) -> bool:
        return key in self._words

    def _value(self, key: str, name: str, values: Mapping[str, object]) -> str:
        if name not in values:
            raise ThemeError(f"the string {key!r} needs {name!r}", remedy=f"Write _({key!r}, {name}=…).")
        value = values[name]
        if not isinstance(value, str | int | float) or len(str(value)) > LONGEST_VALUE:
            raise ThemeError(
                f"the string {key!r} takes texts and numbers of up to {LONGEST_VALUE} characters as {name!r}",
                remedy="Give it one field or element.",
            )
        return value if isinstance(value, Markup) else str(value)


def nearest_locale(known: Mapping[str, object], wanted: str) -> str | None:
    """The known locale to use: the same, else one of the same language, else the first; None when there is none."""
    language = wanted.split("-")[0]
    same_language = (locale for locale in known if locale.split("-")[0] == language)
    return wanted if wanted in known else next(same_language, next(iter(known), None))


def text_in(text: Text, locale: str) -> str:
    """A text for people, such as a layout's title or an option's label, in the nearest locale it has."""
    if isinstance(text, str):
        return text
    nearest = nearest_locale(text, locale)
    return text[nearest] if nearest else ""


def own_words(locale: str) -> dict[str, str]:
    """The words of OWN_WORDS in Chinese for Chinese locales, else in English."""
    return OWN_WORDS["zh" if locale.split("-")[0] == "zh" else "en"]
