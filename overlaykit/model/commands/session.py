"""Commands about the session as a whole."""

from __future__ import annotations

from overlaykit.model.commands.base import Command
from overlaykit.model.fields import Reason


class SessionOpen(Command, frozen=True, kw_only=True, tag="session.open"):
    """Live: requests are answered from now on, every item goes on sale unless its row says otherwise."""

    reason: Reason | None = None


class SessionFreeze(Command, frozen=True, kw_only=True, tag="session.freeze"):
    """The numbers shown stay as they are and say so; orders still count."""

    reason: Reason | None = None


class SessionThaw(Command, frozen=True, kw_only=True, tag="session.thaw"):
    """The numbers shown are the true ones again."""

    reason: Reason | None = None


class SessionClose(Command, frozen=True, kw_only=True, tag="session.close"):
    """Over: requests are refused `session_closed`, facts still count."""

    reason: Reason | None = None


class ClockAccept(Command, frozen=True, kw_only=True, tag="clock.accept"):
    """The store's clock jumped, and its new time is the right one: holds, drops and countdowns end by it from now on."""

    reason: Reason | None = None
