"""What an operator announces from: the plan's templates, and the usual ones that every session has unless it writes its own of that
name."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from overlaykit.model.messages import Level
from overlaykit.model.sessions import SessionPlan
from overlaykit.words import Words


class Template(Struct, frozen=True):
    """Something to announce: `title` is what operators call it, `text` a template, `seconds` how long it stays (None: until it is
    taken down)."""

    title: Words
    text: str
    level: Level = "info"
    seconds: float | None = None


def announcements_of(plan: SessionPlan) -> dict[str, Template]:
    """Templates by name: the session's own, then the usual ones, whose texts and names are in the session's language, since
    viewers read them. A recorded plan holds only what its author wrote."""
    own = {
        row["name"]: Template(
            Words(row["name"], row["name"]), row["text"], row.get("level", "info"), row.get("seconds")
        )
        for row in plan.later.get("announcement", ())
    }
    usual = {
        name.within(plan.locale): Template(
            Words(name.en.replace("-", " ").capitalize(), name.zh), text.within(plan.locale), level, seconds
        )
        for name, text, level, seconds in _USUAL
    }
    return own | {name: each for name, each in usual.items() if name not in own}


_TITLE: Mapping[str, str] = {
    "zh": "{% if item.link is not none %}{{ item.link }} 号链接 {% endif %}{{ item.title }}",
    "en": "{% if item.link is not none %}Link {{ item.link }}, {% endif %}{{ item.title }}",
}
_USUAL: tuple[tuple[Words, Words, Level, float | None], ...] = (
    (
        Words("on-air", "正在讲解"),
        Words(f"On air now: {_TITLE['en']}", f"正在讲解：{_TITLE['zh']}"),
        "info",
        15.0,
    ),
    (
        Words("last-units", "最后几件"),
        Words(
            f"{_TITLE['en']}: only {{{{ item.available | count }}}} left",
            f"{_TITLE['zh']} 最后 {{{{ item.available | count }}}} 件",
        ),
        "warning",
        15.0,
    ),
    (
        Words("restocked", "补货了"),
        Words(
            f"{_TITLE['en']} is back: {{{{ item.available | count }}}} more",
            f"{_TITLE['zh']} 补货 {{{{ item.available | count }}}} 件，抓紧拍",
        ),
        "info",
        15.0,
    ),
    (
        Words("next-item", "下一款预告"),
        Words("Coming up: {{ next.title }}", "下一款：{{ next.title }}"),
        "info",
        15.0,
    ),
    (
        Words("one-moment", "稍等"),
        Words("One moment please, we will be right back.", "请稍等，马上回来"),
        "warning",
        None,
    ),
)
