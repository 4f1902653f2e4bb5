"""Titles as they are typed on a Latin keyboard."""

from __future__ import annotations

import pytest

from overlaykit.web.desk.pinyin import Pinyin


@pytest.mark.parametrize(
    ("title", "spelled"),
    [
        ("羊毛", "yang mao"),
        ("NIKE 手套 42码", "nike shou tao 42 ma"),
        ("Plain title", None),
        ("", None),
        ("·—", None),
    ],
)
def test_a_title_is_spelled_syllable_by_syllable(title: str, spelled: str | None) -> None:
    assert Pinyin().spell(title) == spelled


def test_whatever_reading_is_meant_is_among_the_syllables() -> None:
    (heavy, celebrate), (long, _) = (Pinyin().spell(title).split() for title in ("重庆", "长裙"))  # type: ignore[union-attr]
    assert {"chong", "zhong"} <= set(heavy.split("|"))
    assert celebrate == "qing"
    assert {"chang", "zhang"} <= set(long.split("|"))


def test_the_letter_that_keyboards_lack_is_typed_as_v_or_u() -> None:
    assert {"nv", "nu"} <= set((Pinyin().spell("女") or "").split("|"))
