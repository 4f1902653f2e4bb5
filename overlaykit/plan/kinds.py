"""Kinds of values in a plan: the type msgspec checks and the schema shows, what to call it, and the finer check."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta

from overlaykit.model.legible import MOST_MARKS, trouble_of
from overlaykit.plan import values
from overlaykit.plan.problems import Unfit
from overlaykit.words import Words

MOST_NAME = 64
MOST_PLATFORM_ID = 128
MOST_TEXT = 200
MOST_TEMPLATE = 4000


@dataclass(frozen=True)
class Kind:
    """What to call a value that is expected, and a check beyond its type that raises Unfit."""

    expects: Words
    check: Callable[[Any], object]


def _kind(en: str, zh: str, check: Callable[[Any], object], **schema: Any) -> Meta:
    return Meta(extra={"kind": Kind(Words(en, zh), check)}, extra_json_schema=schema or None)


def no_controls(text: str, *, lines: bool = False) -> None:
    """Raises Unfit on control characters; line breaks and tabs are allowed with `lines`."""
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs") and not (lines and char in "\n\t"):
            raise Unfit(
                Words(
                    f"holds the invisible control character U+{ord(char):04X} (a backslash in double quotes makes one: "
                    'write "/" or use single quotes)',
                    f"含有不可见的控制字符 U+{ord(char):04X}（双引号里的反斜杠会变成它：请写 / 或改用单引号）",
                )
            )


def _text(value: object) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_TEXT:
        raise Unfit
    no_controls(value)
    match trouble_of(value):
        case "empty":
            raise Unfit(Words("holds invisible characters alone", "只有看不见的字符"))
        case "turning":
            raise Unfit(
                Words(
                    "leaves an invisible control of the direction of writing open, which turns round what stands beside it",
                    "有一个不可见的书写方向控制字符没有结束，会把旁边的文字和数字倒过来",
                )
            )
        case "piled":
            raise Unfit(
                Words(f"has more than {MOST_MARKS} marks on one letter", f"一个字上叠了超过 {MOST_MARKS} 个符号")
            )


def _template(value: object) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_TEMPLATE:
        raise Unfit
    no_controls(value, lines=True)


def _id(value: object) -> None:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", value):
        raise Unfit
    if value == "current":
        raise Unfit(Words("`current` always means the session now open", "`current` 专指当前场次，不能用作编号"))


def name(value: object) -> None:
    """A name in a section's header or of a rule: letters of any script, digits, - _ ."""
    if not isinstance(value, str) or not re.fullmatch(r"[\w.-]{1,64}", value):
        raise Unfit


def sku(value: object) -> None:
    """A sku as the engine's commands will name it."""
    if not isinstance(value, str) or not 1 <= len(value) <= MOST_NAME:
        raise Unfit
    no_controls(value)
    if value != value.strip():
        raise Unfit(Words("spaces at its start or end", "开头或结尾有空格"))


def _platform_id(value: object) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= MOST_PLATFORM_ID:
        raise Unfit
    no_controls(value)
    if value != value.strip():
        raise Unfit(Words("spaces at its start or end", "开头或结尾有空格"))


def _pattern(value: object) -> None:
    sku(value)


def _image(value: object) -> None:
    _text(value)
    assert isinstance(value, str)
    if "\\" in value:
        raise Unfit(Words("a path is written with /", "路径请用 / 分隔"))
    if re.match(r"https?://[^/\s]", value):
        return
    if ":" in value or value.startswith("/") or ".." in value.split("/"):
        raise Unfit(Words("a picture must lie inside the session's folder", "图片要放在场次文件夹里面"))


def _url(value: object) -> None:
    _text(value)
    assert isinstance(value, str)
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise Unfit from None
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", value):
        raise Unfit
    if "@" in parts.netloc:
        raise Unfit(Words("a password does not belong into a plan", "密码不能写进方案"))


def _link(value: object) -> None:
    if values.units_of(value, least=1) > 9999:
        raise Unfit(Words("a link number is at most 9999", "链接号最大 9999"))


def _count(value: object) -> None:
    values.units_of(value, least=1)


def _port(value: object) -> None:
    if not 1 <= values.units_of(value) <= 65535:
        raise Unfit


def _back(value: object) -> None:
    if isinstance(value, str):
        if not value or not re.fullmatch(f"{values.PERCENT}|{values.DURATION}", value):
            raise Unfit
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= values.MOST_UNITS:
        raise Unfit


def _priority(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not -100 <= value <= 100:
        raise Unfit


def _flag(value: object) -> None:
    if not isinstance(value, bool):
        raise Unfit


def _option(value: object) -> None:
    if isinstance(value, str):
        no_controls(value, lines=True)
    elif not isinstance(value, (bool, int, float)):
        raise Unfit


def _currency(value: object) -> None:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise Unfit


def _nonempty(value: object) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= MOST_NAME:
        raise Unfit
    no_controls(value)


Text = Annotated[str, _kind("text of 1 to 200 characters", "1–200 个字的文字", _text, minLength=1, maxLength=MOST_TEXT)]
Template = Annotated[
    str, _kind("text of 1 to 4000 characters", "1–4000 个字的文字", _template, minLength=1, maxLength=MOST_TEMPLATE)
]
Id = Annotated[
    str,
    _kind(
        "letters, digits and -, at most 64, such as brand-1111",
        "字母、数字和 -，最多 64 个，例如 brand-1111",
        _id,
        pattern="^[A-Za-z0-9][A-Za-z0-9-]{0,63}$",
    ),
]
Name = Annotated[
    str,
    _kind(
        "a name of letters, digits, - _ . and no spaces, at most 64",
        "名称：文字、数字、- _ .，不含空格，最多 64 个",
        name,
        minLength=1,
        maxLength=MOST_NAME,
    ),
]
Sku = Annotated[
    str,
    _kind(
        "a sku of 1 to 64 characters, without spaces at its ends",
        "1–64 个字符的商品编码，首尾无空格",
        sku,
        minLength=1,
        maxLength=MOST_NAME,
    ),
]
PlatformId = Annotated[
    str,
    _kind(
        "what the platform calls it, in quotes: 1 to 128 characters, without spaces at its ends",
        "平台上的编号，加引号，1–128 个字符，首尾无空格",
        _platform_id,
        minLength=1,
        maxLength=MOST_PLATFORM_ID,
    ),
]
SkuPattern = Annotated[
    str,
    _kind(
        "a sku, or a pattern such as coat-*",
        "商品编码，或 coat-* 这样的通配",
        _pattern,
        minLength=1,
        maxLength=MOST_NAME,
    ),
]
Word = Annotated[
    str,
    _kind("a name of 1 to 64 characters", "1–64 个字的名称", _nonempty, minLength=1, maxLength=MOST_NAME),
]
Units = Annotated[
    int, _kind("a whole number of pieces, 0 or more", "整数件数（0 或以上）", values.units_of, minimum=0, maximum=10**9)
]
Count = Annotated[int, _kind("a whole number, 1 or more", "1 或以上的整数", _count, minimum=1, maximum=10**9)]
Link = Annotated[int, _kind("a link number, 1 to 9999", "链接号 1–9999", _link, minimum=1, maximum=9999)]
Port = Annotated[int, _kind("a port, 1 to 65535", "端口 1–65535", _port, minimum=1, maximum=65535)]
Flag = Annotated[bool, _kind("true or false, without quotes", "true 或 false（不加引号）", _flag)]
Amount = Annotated[
    int | str,
    _kind(
        'a number of pieces such as 50, or a percentage such as "20%"',
        '件数（如 50）或百分比（如 "20%"）',
        values.amount_of,
        anyOf=[{"type": "integer", "minimum": 0, "maximum": 10**9}, {"type": "string", "pattern": values.PERCENT}],
    ),
]
Back = Annotated[
    int | float | str,
    _kind(
        'a number such as 80, a percentage such as "40%", or a duration such as "30m"',
        '数（如 80）、百分比（如 "40%"）或时长（如 "30m"）',
        _back,
        anyOf=[
            {"type": "number", "minimum": 0, "maximum": 10**9},
            {"type": "string", "pattern": f"{values.PERCENT}|{values.DURATION}"},
        ],
    ),
]
Priority = Annotated[
    int, _kind("a whole number from -100 to 100", "-100 到 100 的整数", _priority, minimum=-100, maximum=100)
]
Share = Annotated[
    str,
    _kind('a percentage such as "60%"', '百分比，如 "60%"', values.share_of, pattern=values.PERCENT),
]
Duration = Annotated[
    int | float | str,
    _kind(
        'a duration such as "15m", "10s", "1h30m", or a number of seconds',
        '时长，如 "15m"、"10s"、"1h30m"，或秒数',
        values.seconds_of,
        anyOf=[
            {"type": "number", "exclusiveMinimum": 0},
            {"type": "string", "minLength": 2, "pattern": values.DURATION},
        ],
    ),
]
Moment = Annotated[
    str,
    _kind(
        'a time such as "20:00" or 2026-11-11T20:00:00+08:00',
        '时间，如 "20:00" 或 2026-11-11T20:00:00+08:00',
        values.moment_of,
    ),
]
Day = Annotated[str, _kind("a day such as 2026-11-20", "日期，如 2026-11-20", values.day_of)]
Money = Annotated[
    int | str,
    _kind(
        'an amount such as "899.00", without currency sign or thousands separators',
        '金额，如 "899.00"，不带货币符号和千分位',
        values.money_of,
        anyOf=[{"type": "integer", "minimum": 0}, {"type": "string", "pattern": values.MONEY}],
    ),
]
Url = Annotated[
    str,
    _kind(
        "an address that begins with https:// or http://",
        "以 https:// 或 http:// 开头的网址",
        _url,
        minLength=1,
        maxLength=MOST_TEXT,
    ),
]
Image = Annotated[
    str,
    _kind(
        "a file in the session's folder such as img/scarf.webp, or an https address",
        "场次文件夹里的图片，如 img/scarf.webp，或 https 网址",
        _image,
        minLength=1,
        maxLength=MOST_TEXT,
    ),
]
Currency = Annotated[
    str,
    _kind(
        "a currency of three capital letters such as CNY", "三个大写字母的币种，如 CNY", _currency, pattern="^[A-Z]{3}$"
    ),
]
Option = Annotated[
    str | int | float | bool, _kind("text, a number, true or false", "文字、数字、true 或 false", _option)
]
