"""What msgspec says of data that does not fit, said to people, in both languages."""

from __future__ import annotations

import re

import msgspec

from overlaykit.words import Words

_PATTERNS = {
    "^(available": Words(
        "one of available, buffer, incoming, damaged, or location:NAME",
        "available、buffer、incoming、damaged 之一，或 location:仓库",
    ),
    "^[0-9]": Words('money as a decimal string, such as "99.00"', '金额，写成小数文本，例如 "99.00"'),
    "^[A-Za-z]": Words(
        "a request of obs-websocket, such as SetCurrentProgramScene",
        "obs-websocket 的请求，例如 SetCurrentProgramScene",
    ),
    "^[A-Z]": Words("a currency of three capital letters, such as CNY", "三个大写字母的币种，例如 CNY"),
    "^20": Words("a day such as 2026-11-20", "日期，例如 2026-11-20"),
}
"""What to say instead of a regular expression, by its beginning."""

_KINDS = {
    "array": "列表",
    "bool": "true 或 false",
    "date": "日期",
    "datetime": "时间（RFC 3339，带时区，例如 2026-11-20T20:00:00+08:00）",
    "float": "数字",
    "int": "整数",
    "null": "空（null）",
    "object": "对象（一组字段）",
    "str": "文本",
}
_CHINESE = (
    (re.compile(r"Object missing required field `(.*)`"), r"缺少 \1"),
    (re.compile(r"Object contains unknown field `(.*)`"), r"没有 \1 这个字段"),
    (re.compile(r"Invalid enum value '?(.*?)'?"), r"没有 \1 这个选项"),
    (re.compile(r"Invalid value '?(.*?)'?"), r"没有 \1 这个类型"),
    (re.compile(r"Expected `(?:str|array|object|bytes)` of length <= (.*)"), r"最长 \1"),
    (re.compile(r"Expected `(?:str|array|object|bytes)` of length >= (.*)"), r"长度至少 \1"),
    (re.compile(r"Expected `(?:int|float)` ([<>]=?) (.*)"), r"要 \1 \2"),
    (re.compile(r"Integer value out of range"), "数字太大"),
    (re.compile(r"Number out of range"), "数字太大"),
    (re.compile(r"Invalid RFC3339 encoded datetime"), f"要写{_KINDS['datetime']}"),
    (re.compile(r"Expected `datetime` with a timezone component"), f"要写{_KINDS['datetime']}"),
)


def misfit(error: msgspec.ValidationError) -> tuple[str, Words]:
    """Where data does not fit, such as `lines[0].quantity`, "" for the whole; and what was expected there."""
    message, _, path = str(error).partition(" - at `$")
    return path.rstrip("`").lstrip("."), _said(message)


def _said(message: str) -> Words:
    _, regex, pattern = message.partition("matching regex '")
    if regex:
        for begins, said in _PATTERNS.items():
            if pattern.startswith(begins):
                return Words(f"Expected {said.en}", f"要写{said.zh}")
    expected = re.fullmatch(r"Expected `([a-z |]+)`, got `([a-z]+)`", message)
    if expected:
        wanted = "或".join(_KINDS.get(kind, kind) for kind in expected[1].split(" | "))
        return Words(message, f"要写{wanted}，这里是{_KINDS.get(expected[2], expected[2])}")
    for english, chinese in _CHINESE:
        found = english.fullmatch(message)
        if found:
            return Words(message, found.expand(chinese))
    return Words(message, f"不合要求：{message}")
