"""`when` of a rule: text → Trigger, or a TriggerError that says what was expected and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from overlaykit.model.triggers import (
    HEALTH_NUMBERS,
    HEALTH_SHARES,
    NUMBER_FIELDS,
    SHARE_FIELDS,
    UNIT_FIELDS,
    AnyTrigger,
    ButtonPressed,
    ChatSaid,
    CountdownBelow,
    DropTurned,
    Level,
    ObsHealth,
    ObsScene,
    ObsTurned,
    OffAir,
    OnAir,
    Restocked,
    SellsOutIn,
    SessionTurned,
    Sign,
    SoldEvery,
    SoldOut,
    SourceTurned,
    TimeOfDay,
)
from overlaykit.plan import values
from overlaykit.plan.problems import Unfit, names_in, nearest_name
from overlaykit.words import Words

SIGNS: tuple[Sign, ...] = ("<", "<=", ">", ">=")
MOST_WORD = 64
"""Characters of a keyword or a scene."""
MOST_NUMBER = 10**9

_TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|「[^」]*」|<=|>=|[<>=≤≥＜＞]|[^\s<>=≤≥＜＞\"'“「]+|\S")
_QUOTES = {'"': '"', "'": "'", "“": "”", "「": "」"}
_WIDE = str.maketrans({"＜": "<", "＞": ">", "％": "%", "：": ":"})
_LONE: Mapping[str, AnyTrigger] = {
    "sold_out": SoldOut(),
    "restocked": Restocked(),
    "on_air": OnAir(),
    "off_air": OffAir(),
}
_DROP = ("opened", "closed")
_SOURCE = ("stale", "fresh")
_OBS = ("connected", "disconnected", "streaming", "stopped", "reconnecting")
_HEALTH = (*HEALTH_SHARES, *HEALTH_NUMBERS)
_SESSION = ("opened", "frozen", "thawed", "closed")
_LEVELS = (*UNIT_FIELDS, *SHARE_FIELDS, *NUMBER_FIELDS)

_SAID = {
    "库存": "available",
    "可售": "available",
    "剩余": "remaining",
    "占用": "held",
    "已售": "sold",
    "售出": "sold",
    "超卖": "oversold",
    "售罄": "sold_out",
    "补货": "restocked",
    "速度": "pace_per_minute",
    "上播": "on_air",
    "倒计时": "countdown",
    "波次": "drop",
    "数据源": "source",
    "弹幕": "chat",
    "按钮": "button",
    "场次": "session",
}
"""What operators call them."""

_EXAMPLES = (
    "available < 50",
    "remaining < 20%",
    "pace_per_minute > 30",
    "sells_out_in < 20m",
    "sold_out",
    "restocked",
    "sold every 500",
    "on_air",
    "off_air",
    "countdown NAME < 1m",
    "drop NAME opened",
    "source NAME stale",
    "obs NAME disconnected",
    'obs NAME scene "X"',
    "obs NAME dropped_frames > 5%",
    'chat "keyword"',
    "button NAME",
    "at 20:30",
    "session opened",
)


class TriggerError(Exception):
    """A `when` that says nothing we know: what is wrong, what should stand there, and the nearest valid word."""

    def __init__(self, what: Words, expected: Words, nearest: str | None = None) -> None:
        super().__init__(what.en)
        self.what = what
        self.expected = expected
        self.nearest = nearest


def read_trigger(text: str) -> AnyTrigger:
    """The trigger that `text` says. Raises TriggerError. Whether names in it exist is not looked at."""
    tokens = [_plain(token) for token in _TOKEN.findall(text)]
    if not tokens:
        raise TriggerError(Words("it is empty", "内容为空"), names_in(_EXAMPLES))
    first, rest = tokens[0], tokens[1:]
    if first in _LONE:
        _end(rest, first)
        return _LONE[first]
    if first in _LEVELS and rest[:1] != ["every"]:
        return _level(first, rest)
    reader = _READERS.get(first)
    if reader is not None:
        return reader(rest)
    known = [*_LONE, *_LEVELS, *_READERS]
    what = Words(f"`{first[:40]}` is nothing that can happen", f"没有 `{first[:40]}` 这种触发条件")
    raise TriggerError(what, names_in(_EXAMPLES), _SAID.get(first) or nearest_name(first, known))


def read_level(field: str, text: str) -> tuple[float, bool]:
    """A level of `field` as it stands after a sign or in `rearm`: its number, and whether it is a share of the opening units.

    Raises TriggerError.
    """
    share = text.endswith("%")
    number = _number(text[:-1] if share else text)
    if field in NUMBER_FIELDS or field in HEALTH_NUMBERS:
        expected = Words("a number such as 30", "数字，如 30")
        fits = not share
    elif field in SHARE_FIELDS or field in HEALTH_SHARES:
        expected = Words("a percentage such as 20%", "百分比，如 20%")
        fits = share
    else:
        expected = Words("pieces such as 50, or a percentage such as 20%", "件数（如 50）或百分比（如 20%）")
        fits = share or (number is not None and number.is_integer())
    if number is None or not fits or number > MOST_NUMBER:
        raise TriggerError(
            Words(f"`{text[:40]}` is no level of {field}", f"`{text[:40]}` 不能和 {field} 比较"), expected
        )
    return (number / 100, field in UNIT_FIELDS) if share else (number, False)


def read_span(text: str) -> float:
    """A duration such as 20m or 1h30m, in seconds. Raises TriggerError."""
    try:
        return values.seconds_of(text)
    except Unfit:
        what = Words(f"`{text[:40]}` is no duration", f"`{text[:40]}` 不是时长")
        raise TriggerError(what, Words("such as 20m, 90s or 1h30m", "例如 20m、90s、1h30m")) from None


# ------------------------------------------------------------------------------------------------ one kind of trigger each


def _level(field: str, rest: Sequence[str]) -> Level:
    sign, written = _compared(field, rest, SIGNS)
    value, share = read_level(field, written)
    if sign == "<" and value == 0:
        what = Words(f"{field} is never below 0", f"{field} 不会小于 0")
        raise TriggerError(what, Words("a level above 0, or sold_out", "大于 0 的数，或者写 sold_out（售罄）"))
    return Level(field=field, sign=sign, value=value, share=share)


def _sells_out_in(rest: Sequence[str]) -> SellsOutIn:
    _, written = _compared("sells_out_in", rest, ("<", "<="))
    return SellsOutIn(seconds=read_span(written))


def _sold_every(rest: Sequence[str]) -> SoldEvery:
    _end(rest[2:], " ".join(["sold", *rest[:2]]))
    units = _number(rest[1]) if len(rest) > 1 else None
    if units is None or not units.is_integer() or not 1 <= units <= MOST_NUMBER:
        shown = rest[1] if len(rest) > 1 else ""
        what = Words(f"`sold every {shown[:40]}` has no number of pieces", f"`sold every {shown[:40]}` 缺少件数")
        raise TriggerError(what, Words("such as sold every 500", "例如 sold every 500（每卖 500 件）"))
    return SoldEvery(units=int(units))


def _countdown(rest: Sequence[str]) -> CountdownBelow:
    name, after = _named("countdown", rest, "countdown coupon < 1m")
    _, written = _compared(f"countdown {name}", after, ("<", "<="))
    return CountdownBelow(name=name, seconds=0.0 if written in ("0", "0s") else read_span(written))


def _drop(rest: Sequence[str]) -> DropTurned:
    name, after = _named("drop", rest, "drop eight opened")
    return DropTurned(name=name, to=_turn(f"drop {name}", after, _DROP))  # type: ignore[arg-type]


def _source(rest: Sequence[str]) -> SourceTurned:
    name, after = _named("source", rest, "source erp stale")
    return SourceTurned(name=name, to=_turn(f"source {name}", after, _SOURCE))  # type: ignore[arg-type]


def _obs(rest: Sequence[str]) -> ObsTurned | ObsScene | ObsHealth:
    name, after = _named("obs", rest, "obs main disconnected")
    if after[:1] == ["scene"]:
        return ObsScene(obs=name, scene=_text(f"obs {name} scene", after[1:], 'obs main scene "商品特写"'))
    if after and after[0] in _HEALTH:
        sign, written = _compared(after[0], after[1:], SIGNS)
        return ObsHealth(obs=name, field=after[0], sign=sign, value=read_level(after[0], written)[0])
    turn = _turn(f"obs {name}", after, _OBS, also=("scene", *_HEALTH))
    return ObsTurned(obs=name, to=turn)  # type: ignore[arg-type]


def _chat(rest: Sequence[str]) -> ChatSaid:
    return ChatSaid(keyword=_text("chat", rest, 'chat "怎么买"'))


def _button(rest: Sequence[str]) -> ButtonPressed:
    name, after = _named("button", rest, "button encore")
    _end(after, f"button {name}")
    return ButtonPressed(name=name)


def _at(rest: Sequence[str]) -> TimeOfDay:
    written = rest[0] if rest else ""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?", written)
    if found is None:
        what = Words(f"`at {written[:40]}` is no time of day", f"`at {written[:40]}` 不是钟点")
        raise TriggerError(what, Words("such as at 20:30", "例如 at 20:30"))
    _end(rest[1:], f"at {written}")
    return TimeOfDay(hour=int(found[1]), minute=int(found[2]), second=int(found[3] or 0))


def _session(rest: Sequence[str]) -> SessionTurned:
    return SessionTurned(to=_turn("session", rest, _SESSION))  # type: ignore[arg-type]


_READERS: Mapping[str, Callable[[Sequence[str]], AnyTrigger]] = {
    "sells_out_in": _sells_out_in,
    "sold": _sold_every,
    "countdown": _countdown,
    "drop": _drop,
    "source": _source,
    "obs": _obs,
    "chat": _chat,
    "button": _button,
    "at": _at,
    "session": _session,
}

# ------------------------------------------------------------------------------------------------------------ what they share


def _plain(token: str) -> str:
    """A token with half-width signs. What stands in quotes stays as it is, with plain quotes around it."""
    if _QUOTES.get(token[0]) == token[-1] and len(token) > 1:
        return f'"{token[1:-1]}"'
    return {"≤": "<=", "≥": ">="}.get(token, token.translate(_WIDE))


def _compared(field: str, rest: Sequence[str], signs: Sequence[Sign]) -> tuple[Sign, str]:
    """The sign and what stands after it."""
    sign = rest[0] if rest else ""
    if sign not in signs:
        what = Words(f"after `{field}` stands {_shown(sign)}", f"`{field}` 后面是 {_shown(sign, zh=True)}")
        raise TriggerError(what, names_in(signs))
    if len(rest) < 2:
        what = Words(f"nothing stands after `{field} {sign}`", f"`{field} {sign}` 后面没有写数")
        raise TriggerError(what, Words("what it is compared with", "要比较的数"))
    _end(rest[2:], f"{field} {sign} {rest[1]}")
    return sign, rest[1]  # type: ignore[return-value]


def _named(kind: str, rest: Sequence[str], example: str) -> tuple[str, Sequence[str]]:
    """The name after `kind`, and what follows."""
    if not rest or rest[0] in SIGNS or rest[0].startswith('"'):
        what = Words(f"`{kind}` needs a name", f"`{kind}` 后面要写名称")
        raise TriggerError(what, Words(f"such as {example}", f"例如 {example}"))
    return rest[0], rest[1:]


def _turn(of: str, rest: Sequence[str], known: Sequence[str], *, also: Iterable[str] = ()) -> str:
    word = rest[0] if rest else ""
    if word not in known:
        names = [*known, *also]
        what = Words(f"after `{of}` stands {_shown(word)}", f"`{of}` 后面是 {_shown(word, zh=True)}")
        raise TriggerError(what, names_in(names), nearest_name(word, names) if word else None)
    _end(rest[1:], f"{of} {word}")
    return word


def _text(of: str, rest: Sequence[str], example: str) -> str:
    found = rest[0] if rest else ""
    if not found.startswith('"') or not 0 < len(found[1:-1].strip()) <= MOST_WORD:
        what = Words(f"after `{of}` stands {_shown(found)}", f"`{of}` 后面是 {_shown(found, zh=True)}")
        raise TriggerError(what, Words(f"text in quotes, such as {example}", f"加引号的文字，如 {example}"))
    _end(rest[1:], f"{of} {found}")
    return found[1:-1].strip()


def _end(rest: Sequence[str], after: str) -> None:
    if rest:
        extra = " ".join(rest)[:40]
        what = Words(f"`{extra}` stands after `{after[:60]}`", f"`{after[:60]}` 后面多了 `{extra}`")
        expected = Words(
            f"`{after[:60]}` alone; further conditions go into `if`", f"只写 `{after[:60]}`；其他条件写在 `if` 里"
        )
        raise TriggerError(what, expected)


def _shown(word: str, *, zh: bool = False) -> str:
    return f"`{word[:40]}`" if word else "空的" if zh else "nothing"


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,6})?", text) else None
