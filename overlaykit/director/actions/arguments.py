"""What the arguments of actions are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Meta

from overlaykit.errors import UserError
from overlaykit.model.settings import Settings


class Arguments(Settings, kw_only=True, forbid_unknown_fields=True):
    """Base of the arguments of overlaykit's own actions: each field says what it means."""


def says(description: str) -> Meta:
    """What a key means, for the guide and for editors."""
    return Meta(description=description)


def only(what: str, name: str | None, known: Sequence[str]) -> str:
    """`name`, which must be one of `known`; without one the only one there is. Raises UserError."""
    names = ", ".join(known)
    if name is None:
        if len(known) == 1:
            return known[0]
        if not known:
            raise UserError(
                f"方案里没有 [{what}.名称] / this plan has no {what}",
                remedy=f"请在方案里加上 [{what}.名称]。 / Add [{what}.NAME] to the plan.",
            )
        raise UserError(
            f"方案里有多个 {what}：{names} / this plan has several: {names}",
            remedy=f'请写明：{what} = "{known[0]}"。 / Say which: {what} = "{known[0]}".',
        )
    if name not in known:
        raise UserError(
            f"方案里没有名为“{name}”的 {what} / this plan has no {what} named {name!r}",
            remedy=f"有：{names or '无'}。 / It has: {names or 'none'}.",
        )
    return name


def said(value: Any) -> str:
    """A small value as JSON, for what the desk shows."""
    return msgspec.json.encode(value).decode()
