"""How Chinese is typed on a Latin keyboard: the readings of its characters."""

from __future__ import annotations

import os
import re

_HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_PARTS = re.compile(rf"{_HAN.pattern}|[a-z0-9]+")


class Pinyin:
    """Spells titles: 羊毛大衣 → "yang mao da|dai|tai yi". All readings of a character count: who searches may mean any."""

    def __init__(self) -> None:
        self._readings: dict[str, str] = {}

    def spell(self, text: str) -> str | None:
        """The syllables of `text` in lower case, other words and numbers among them; None when nothing in it is Chinese.

        The first call loads the dictionary, which takes a moment: call it where nobody waits.
        """
        if not _HAN.search(text):
            return None
        return " ".join(self._read(part) for part in _PARTS.findall(text.lower()))

    def _read(self, part: str) -> str:
        if not _HAN.match(part):
            return part
        found = self._readings.get(part)
        if found is None:
            found = self._readings[part] = "|".join(_look_up(part))
        return found


def _look_up(character: str) -> list[str]:
    # Its dictionary of phrases takes 40 MB, and would give one reading where all are wanted.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, pinyin

    [readings] = pinyin(character, style=Style.NORMAL, heteronym=True, errors="default")
    typed = dict.fromkeys(readings)
    # ü is typed as v or as u.
    return list(dict.fromkeys(each for name in typed for each in (name, name.replace("v", "u"))))
