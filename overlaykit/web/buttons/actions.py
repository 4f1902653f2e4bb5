"""What a button from outside does: a command as the desk sends them, or one of a few that are computed when it is pressed.

Both are written as commands are, without an id: {"type":"item.feature","link":3}, {"type":"item.next"}.
"""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
from msgspec import Struct

from overlaykit.board import Fold
from overlaykit.errors import InvalidCommand
from overlaykit.model.commands import COMMANDS, CountdownSet, RuleSet
from overlaykit.model.commands.base import Command
from overlaykit.model.fields import Name
from overlaykit.model.misfits import misfit
from overlaykit.model.parsing import parse
from overlaykit.plan import Words, announcements_of, nearest_name
from overlaykit.web.desk.commands import PRESSED
from overlaykit.web.directing import Directing
from overlaykit.web.names.naming import UnknownName, no_such, unknown_in_plan, unknown_in_room

MAX_ACTION = 4096
"""Bytes of an action's JSON: it is kept with the token."""


class Relative(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """Base of the actions that mean another command each time."""


class ItemNext(Relative, frozen=True, kw_only=True, tag="item.next"):
    """The next item that can still be sold is put on air."""


class ItemPrevious(Relative, frozen=True, kw_only=True, tag="item.previous"):
    """The nearest item before the one on air is put on air, also one that is sold out."""


class FreezeToggle(Relative, frozen=True, kw_only=True, tag="freeze.toggle"):
    """The numbers shown are frozen, or thawed when they are."""


class RuleToggle(Relative, frozen=True, kw_only=True, tag="rule.toggle"):
    """A rule is switched off when it is on, and on when it is off."""

    name: Name


class AnnouncementShow(Relative, frozen=True, kw_only=True, tag="announcement.show"):
    """One of the texts that the desk announces from, filled in with what there is now."""

    name: Name


AnyRelative = ItemNext | ItemPrevious | FreezeToggle | RuleToggle | AnnouncementShow
Action = Command | Relative
_COMMAND = Words(
    'an action is a command as JSON, such as {"type":"item.feature","link":3}',
    '操作是一条 JSON 命令，例如 {"type":"item.feature","link":3}',
)
_NO_ID = Words("an action has no id: each press gets one of its own", "操作里不写 id：每次按下都会有自己的")
RELATIVE: frozenset[str] = frozenset(str(each.__struct_config__.tag) for each in get_args(AnyRelative))
KINDS = (PRESSED & COMMANDS.keys()) | RELATIVE
"""Types that an action may have."""


def read_action(given: Any) -> Action:
    """The action that plain data says. Raises InvalidCommand: no such type, a field amiss, an id."""
    if not isinstance(given, dict):
        raise InvalidCommand([("", _COMMAND)])
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidCommand([("type", _no_such_type(kind))])
    if "id" in given:
        raise InvalidCommand([("id", _NO_ID)])
    if kind in RELATIVE:
        try:
            found: Relative = msgspec.convert(given, AnyRelative)
            return found
        except msgspec.ValidationError as error:
            raise InvalidCommand([misfit(error)]) from None
    text = json.dumps(given, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if len(text) > MAX_ACTION:
        said = Words(
            f"an action may have {MAX_ACTION} bytes, this has {len(text)}",
            f"一个操作最多 {MAX_ACTION} 字节，这里有 {len(text)}",
        )
        raise InvalidCommand([("", said)])
    return parse(text, "").command


def plain(action: Action) -> dict[str, Any]:
    """The action as JSON says it."""
    found: dict[str, Any] = msgspec.to_builtins(action)
    return found


def unknown_name(action: Action, directing: Directing, fold: Fold) -> UnknownName | None:
    """The name in an action that neither the plan nor the session has; None when all are known."""
    match action:
        case RuleToggle(name=name):
            return unknown_in_plan(directing, RuleSet(name=name, enabled=True))
        case CountdownSet(name=name, extend=float()):
            known = [each.name for each in fold.plan.countdowns] + list(fold.countdowns)
            return _unless(name, list(dict.fromkeys(known)), Words("countdown", "倒计时"))
        case AnnouncementShow(name=name):
            return _unless(name, list(announcements_of(fold.plan)), Words("announcement", "公告模板"))
        case Command():
            return unknown_in_plan(directing, action) or unknown_in_room(fold, action)
    return None


def _unless(name: str, known: list[str], kind: Words) -> UnknownName | None:
    return None if name in known else UnknownName("name", no_such(kind, name, known))


def _no_such_type(kind: object) -> Words:
    known = sorted(KINDS)
    near = nearest_name(kind, known) if isinstance(kind, str) else None
    there = ", ".join(known)
    en, zh = f"{kind!r} is no action of a button; there are {there}", f"按钮没有 {kind!r} 这种操作；有：{there}"
    return Words(en, zh) if near is None else Words(f"{en}; did you mean {near}?", f"{zh}；是不是想写 {near}？")
