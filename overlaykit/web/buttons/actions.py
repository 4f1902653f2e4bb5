"""What a button from outside does: a command as the desk sends them, or one of a few that are computed when it is pressed.

Both are written as commands are, without an id: {"type":"item.feature","link":3}, {"type":"item.next"}.
"""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
from msgspec import UNSET, Struct

from overlaykit.board import Board
from overlaykit.errors import InvalidCommand
from overlaykit.model.commands import COMMANDS, DropClose, DropRelease, ItemAdd, RuleSet
from overlaykit.model.commands.base import Command
from overlaykit.model.fields import Name, Seconds
from overlaykit.model.parsing import parse
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import Words, announcements_of, nearest_name
from overlaykit.web.desk_commands import PRESSED
from overlaykit.web.directing import Directing
from overlaykit.web.naming import UnknownName, no_such

MAX_ACTION = 4096
"""Bytes of an action's JSON: it is kept with the token."""


class Relative(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """Base of the actions that mean another command each time."""


class ItemNext(Relative, frozen=True, kw_only=True, tag="item.next"):
    """The next item that can still be sold is put on air."""


class ItemPrevious(Relative, frozen=True, kw_only=True, tag="item.previous"):
    """The last one before the item on air that can still be sold is put on air."""


class CountdownExtend(Relative, frozen=True, kw_only=True, tag="countdown.extend"):
    """A countdown that runs ends `seconds` later."""

    name: Name
    seconds: Seconds


class FreezeToggle(Relative, frozen=True, kw_only=True, tag="freeze.toggle"):
    """The numbers shown are frozen, or thawed when they are."""


class RuleToggle(Relative, frozen=True, kw_only=True, tag="rule.toggle"):
    """A rule is switched off when it is on, and on when it is off."""

    name: Name


class AnnouncementShow(Relative, frozen=True, kw_only=True, tag="announcement.show"):
    """One of the texts that the desk announces from, filled in with what there is now."""

    name: Name


AnyRelative = ItemNext | ItemPrevious | CountdownExtend | FreezeToggle | RuleToggle | AnnouncementShow
Action = Command | Relative
RELATIVE: frozenset[str] = frozenset(str(each.__struct_config__.tag) for each in get_args(AnyRelative))
KINDS = (PRESSED & COMMANDS.keys()) | RELATIVE
"""Types that an action may have."""


def read_action(given: Any) -> Action:
    """The action that plain data says. Raises InvalidCommand: no such type, a field amiss, an id."""
    if not isinstance(given, dict):
        raise InvalidCommand([("", 'an action is a command as JSON, such as {"type":"item.feature","link":3}')])
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidCommand([("type", _no_such_type(kind))])
    if "id" in given:
        raise InvalidCommand([("id", "an action has no id: each press gets one of its own")])
    if kind in RELATIVE:
        try:
            found: Relative = msgspec.convert(given, AnyRelative)
            return found
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$")
            raise InvalidCommand([(path.rstrip("`").lstrip("."), message)]) from None
    text = json.dumps(given, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if len(text) > MAX_ACTION:
        raise InvalidCommand([("", f"an action may have {MAX_ACTION} bytes, this has {len(text)}")])
    return parse(text, "").command


def plain(action: Action) -> dict[str, Any]:
    """The action as JSON says it."""
    found: dict[str, Any] = msgspec.to_builtins(action)
    return found


def unknown_name(action: Action, directing: Directing, plan: SessionPlan, board: Board) -> UnknownName | None:
    """The name in an action that neither the plan nor the session has; None when all are known."""
    match action:
        case RuleToggle(name=name):
            return directing.unknown_name(RuleSet(name=name, enabled=True))
        case CountdownExtend(name=name):
            known = [each.name for each in plan.countdowns] + list(board.countdowns)
            return _unless(name, list(dict.fromkeys(known)), "name", Words("countdown", "倒计时"))
        case AnnouncementShow(name=name):
            return _unless(name, list(announcements_of(plan)), "name", Words("announcement", "公告模板"))
        case DropRelease(drop=drop) | DropClose(drop=drop):
            return _unless(drop, [each.name for each in plan.drops], "drop", Words("drop", "波次"))
        case Command():
            return directing.unknown_name(action) or _unknown_item(action, directing, board)
    return None


def _unknown_item(command: Command, directing: Directing, board: Board) -> UnknownName | None:
    if isinstance(command, ItemAdd):
        return None
    for path, kind, known in (
        ("sku", Words("item", "商品"), list(board.items)),
        ("product", Words("product", "款"), list(board.products)),
        ("link", Words("link", "链接"), [str(item.link) for item in board.items.values() if item.link is not None]),
        ("channel", Words("channel", "渠道"), list(directing.channels)),
    ):
        name = getattr(command, path, None)
        if name is None or name is UNSET:
            continue
        found = _unless(str(name), list(dict.fromkeys(known)), path, kind)
        if found is not None:
            return found
    return None


def _unless(name: str, known: list[str], path: str, kind: Words) -> UnknownName | None:
    return None if name in known else UnknownName(path, no_such(kind, name, known))


def _no_such_type(kind: object) -> str:
    known = sorted(KINDS)
    near = nearest_name(kind, known) if isinstance(kind, str) else None
    hint = f"; did you mean {near}?" if near is not None else ""
    return f"{kind!r} is no action of a button; there are {', '.join(known)}{hint}"
