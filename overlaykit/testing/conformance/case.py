"""What the author of a connector says of its platform, so that the suite can ask the connector everything else."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, ClassVar, Generic, TypeVar, get_args

import msgspec

from overlaykit.model.connectors import Connector
from overlaykit.model.events import ChatMessage, OrderFact
from overlaykit.model.settings import Secret, Settings
from overlaykit.model.wire import Reply, Request
from overlaykit.testing.contexts import TestContext
from overlaykit.testing.platforms import FakePlatform

P = TypeVar("P", bound=FakePlatform)
Said = OrderFact | ChatMessage
"""What can happen on a platform and be told in a message."""


class Case(Generic[P]):
    """A connector beside its made-up platform. Subclass it; override what your connector's capabilities need.

    connector     the class
    acknowledged  the platform's form of "we have it"
    window        seconds by which a signed message may be too old or too early; None: the platform signs no time
    unsigned      why the platform's messages carry no signature; "" where they do
    unsigned_headers  headers (lower case) that the platform sends and does not sign, as its documents say
    no_delivery   why the platform's messages have no id of their own; "" where they have
    shop          the id of the shop in its messages; "" where an app has one shop
    order         the id of an order. The suite's is larger than a float can hold: ids are texts
    skus          two things that the platform sells, by its own names

    A new case, with a new platform, is made for each test.
    """

    OWN: ClassVar[AbstractSet[str]] = frozenset({"OWN", "make", "context", "message", "told", "arrives"})
    """What the suite works with, and no author overrides."""

    connector: ClassVar[type[Connector[Any]]]
    acknowledged: ClassVar[Reply] = Reply(200)
    window: ClassVar[float | None] = None
    unsigned: ClassVar[str] = ""
    unsigned_headers: ClassVar[AbstractSet[str]] = frozenset()
    no_delivery: ClassVar[str] = ""
    shop: ClassVar[str] = ""
    order: ClassVar[str] = "9007199254740993"
    skus: ClassVar[tuple[str, str]] = ("7100000000000000001", "7100000000000000002")

    def __init__(self) -> None:
        self.platform = self.make_platform()

    # Each connector.

    def make_platform(self) -> P:
        """A new made-up platform."""
        raise self._missing("make_platform")

    def settings(self) -> Settings:
        """The connector's settings, with the secrets that the platform signs with and with the platform's address."""
        raise self._missing("settings")

    def other_room(self) -> Settings:
        """The same with other secrets. Override it where a secret with other letters and digits is none of its kind."""
        settings = self.settings()
        return msgspec.structs.replace(settings, **{name: _other(value) for name, value in _secrets(settings)})

    def rotated(self) -> Settings | None:
        """The settings while a new secret is introduced: the platform still signs with the old one. None: it has one at a time.
        Lists of secrets are found by themselves."""
        settings = self.settings()
        lists = {name: value for name, value in _secrets(settings) if not isinstance(value, Secret)}
        if not lists:
            return None
        return msgspec.structs.replace(
            settings, **{name: type(value)([*_other(value), *value]) for name, value in lists.items()}
        )

    # Connectors with messages to /hooks/APP.

    def body(self, event: Said, delivery: str) -> bytes | None:
        """What the platform's message says of `event`, before it is signed, under the id `delivery`. None: it never tells this."""
        raise self._missing("body")

    def signed(self, body: bytes, *, delivery: str, at_ms: int) -> Request:
        """`body`, whatever stands in it, as the platform signs and sends it at `at_ms`."""
        raise self._missing("signed")

    def probes(self) -> Sequence[tuple[Request, Reply]]:
        """Questions of the platform that are no messages, signed as they come, with their answers. They may be answered by `probe`,
        or by `acknowledge` when `parse` finds nothing in them."""
        return ()

    def unknown(self, delivery: str) -> bytes | None:
        """The body of a message of a kind that the connector has never heard of. None: the platform has one kind."""
        raise self._missing("unknown")

    # Connectors whose orders are asked for, after a thin message or in polls.

    def happen(self, event: OrderFact) -> None:
        """`event` has happened: the platform's API says it from now on. Called before `body`, also for what the platform does
        not have, such as refunds: leave that alone."""

    # What goes to the platform.

    def sells(self, platform_sku: str) -> int | None:
        """(push_stock) The number that the platform sells of it now; None before the first."""
        raise self._missing("sells")

    def refuse(self, platform_sku: str) -> None:
        """(push_stock) From now on the platform refuses numbers of this sku, and takes those of others."""
        raise self._missing("refuse")

    def listed(self, platform_sku: str, quantity: int, delivery: str) -> bytes | None:
        """(push_stock) The body of the message by which the platform tells of a number that changed there. None: it does not."""
        return None

    def heard(self) -> Sequence[str]:
        """(send_chat, give_coupon, notify) The texts, coupons and notifications that came, oldest first."""
        raise self._missing("heard")

    # What is read of it.

    def write(self, message: ChatMessage) -> None:
        """(chat) A viewer writes, under this id; called again and again, until it is heard."""
        raise self._missing("write")

    def count(self, sku: str, quantity: int) -> None:
        """(poll) So many units lie in the warehouse."""
        raise self._missing("count")

    # What the suite works with.

    def make(self, settings: Settings | None = None) -> Connector[Any]:
        """A new instance, as a process makes it."""
        return self.connector(self.settings() if settings is None else settings)

    def context(self) -> TestContext:
        """Works in memory, with a token for each shop."""
        return TestContext("channel.conformance", shop=self.shop, shops=(self.shop,) if self.shop else ())

    def message(self, event: Said, delivery: str, at_ms: int) -> Request | None:
        """It happens, and this is the whole message; None where the platform never tells this."""
        if not isinstance(event, ChatMessage):
            self.happen(event)
        return self.told(event, delivery, at_ms)

    def told(self, event: Said, delivery: str, at_ms: int) -> Request | None:
        """The message of something that has happened already."""
        body = self.body(event, delivery)
        return None if body is None else self.arrives(body, delivery, at_ms)

    def arrives(self, body: bytes, delivery: str, at_ms: int) -> Request:
        """A signed body, received when it was sent."""
        return replace(self.signed(body, delivery=delivery, at_ms=at_ms), received_ms=at_ms)

    def _missing(self, name: str) -> NotImplementedError:
        return NotImplementedError(
            f"{type(self).__name__} has no `{name}`, which the suite needs for what {self.connector.__name__} promises. "
            f"{(getattr(Case, name).__doc__ or '').split('.')[0]}."
        )


def _secrets(settings: Settings) -> list[tuple[str, Any]]:
    """Fields that hold secrets now, with their values."""
    names = {field.name for field in msgspec.structs.fields(type(settings)) if _is_secret(field.type)}
    return [(name, value) for name in sorted(names) if (value := getattr(settings, name))]


def _is_secret(kind: Any) -> bool:
    return kind is Secret or any(map(_is_secret, get_args(kind)))


def _other(value: Any) -> Any:
    if not isinstance(value, Secret):
        return type(value)(map(_other, value))
    text = value.reveal()
    begin = text.rfind("_") + 1  # whsec_…
    return Secret(text[:begin] + "".join(map(_next, text[begin:])))


def _next(letter: str) -> str:
    """The next of its kind, so that what is base64 or hexadecimal stays so."""
    for first, last in ("09", "af", "AF", "gz", "GZ"):
        if first <= letter <= last:
            return first if letter == last else chr(ord(letter) + 1)
    return letter
