"""What a plugin brings besides connectors: actions, themes and identities. Pure contract, no I/O.

Plugin authors find these names in `overlaykit.api`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from overlaykit.model.performing import Effect, Performing
from overlaykit.model.settings import Settings, settings_in_brackets

S = TypeVar("S", bound=Settings)


class Action(Generic[S]):
    """Something a rule, a button or an emergency plan can do. Subclass `Action[YourArguments]`, with `name` and `do`.

    name            what `do = [{ action = "…" }]` of a plan calls it
    effect          whether it may be done again when nobody knows how far it came: only where that changes nothing
    arguments_type  taken from the brackets: the other keys of that table, typed
    arguments       of one entry. Every text of it that holds `{{ … }}` or `{% … %}` is filled in just before `do`
    """

    name: ClassVar[str] = ""
    effect: ClassVar[Effect] = Effect.MOMENT
    arguments_type: ClassVar[type[Settings]] = Settings

    def __init__(self, arguments: S) -> None:
        self.arguments = arguments

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.arguments_type = settings_in_brackets(cls, cls.arguments_type)

    def target(self, stage: Performing) -> str:
        """What it acts on, such as `obs main`: actions on one target are done one after the other, in their order; those on
        different ones do not wait for each other. Raises UserError when the target does not exist."""
        return self.name

    async def do(self, stage: Performing) -> str | None:
        """Does it, on the director's loop: what takes long or blocks belongs into a thread. Returns what to show of it.

        Raises UserError when it cannot be done. It is cancelled when its time is over.
        """
        raise NotImplementedError(f"the action {self.name} has no do()")


class StandIn:
    """A made-up platform that takes the real one's place in a play: it sells what the room lets it sell, and tells the room of it
    as the real one does. Subclass it, with the `connector` that talks to it.

    shop   what it calls its shop, where the connector has to be told
    hook   the room's address for its messages
    skus   platform skus that it offers; it sells none before the room says how many

    What it does is synthetic, and it says so. Its methods are called by one thread, its API by others.
    """

    connector: ClassVar[str] = ""
    shop: ClassVar[str] = ""

    def __init__(self, port: int, hook: str, skus: Sequence[str]) -> None:
        self.port, self.hook, self.skus = port, hook, tuple(skus)

    @classmethod
    def settings(cls, url: str) -> Mapping[str, str]:
        """The connector's settings, secrets included, with which it talks to a stand-in at `url`."""
        raise NotImplementedError(f"{cls.__name__} has no settings()")

    def buy(self, platform_sku: str, quantity: int, buyer: str) -> str | None:
        """A buyer orders, and the room is told; the order's id, or None: there are not so many left."""
        raise NotImplementedError(f"{type(self).__name__} has no buy()")

    def pay(self, order: str) -> None:
        """The buyer pays, and the room is told."""
        raise NotImplementedError(f"{type(self).__name__} has no pay()")

    def cancel(self, order: str) -> None:
        """The buyer does not pay, or thinks better of it, and the room is told."""
        raise NotImplementedError(f"{type(self).__name__} has no cancel()")

    def close(self) -> None:
        """The play is over."""


@dataclass(frozen=True)
class Theme:
    """A theme: its name, as a plan and a URL call it, and the folder with its theme.toml."""

    name: str
    folder: Path


@dataclass(frozen=True)
class Identity:
    """Who the buyers of some channels are, so that one person on several of them counts once in limits.

    channels   the channels, as the plan names them
    find       (channel, buyer's id there) → a text that is the same for the same person, 1 to 128 characters
    """

    channels: Sequence[str]
    find: Callable[[str, str], str]
