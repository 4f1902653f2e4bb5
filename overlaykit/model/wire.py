"""A platform's message as it came, and the answer to it. Pure data.

Plugin authors find these names in `overlaykit.api`.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload
from urllib.parse import parse_qsl

import msgspec

from overlaykit.errors import BadMessage

T = TypeVar("T")

FIELDS_AT_MOST = 1_000
"""Fields of a form."""
UNREADABLE = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, OSError, RecursionError)
"""What reading a message may raise, besides BadMessage, because it cannot be read; msgspec.ValidationError is a ValueError, and a
time that no calendar has may be an OSError."""


class Headers(Mapping[str, str]):
    """Headers of a message; upper and lower case are the same. One that is not there is a KeyError; `get` gives ""."""

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self._values = {name.lower(): value for name, value in (headers or {}).items()}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def get(self, name: str, default: Any = "") -> Any:
        return self._values.get(name.lower(), default)

    def __repr__(self) -> str:
        return f"Headers({sorted(self._values)})"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One message to `/hooks/APP`.

    query        its query, each name once (the last counts)
    body         its bytes as they came: signatures are over these
    received_ms  when it came, ms since 1970
    """

    method: str = "POST"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    received_ms: int = 0

    def text(self) -> str:
        """The body as UTF-8, a byte order mark left out. Raises BadMessage."""
        try:
            return self.body.removeprefix(codecs.BOM_UTF8).decode()
        except UnicodeDecodeError as error:
            raise BadMessage(
                f"内容不是 UTF-8（第 {error.start} 字节） / the body is not UTF-8 (byte {error.start})"
            ) from None

    def json(self) -> Any:
        """The body as plain data. Raises BadMessage."""
        return self.read(Any)

    @overload
    def read(self, kind: type[T], *, text: str | bytes | None = None) -> T: ...
    @overload
    def read(self, kind: Any, *, text: str | bytes | None = None) -> Any: ...
    def read(self, kind: Any, *, text: str | bytes | None = None) -> Any:
        """The body, or the `text` out of it, as `kind`: a msgspec Struct, `list[Struct]` …; numbers may be texts there. What the
        kind does not have is passed over. Raises BadMessage, which says where it does not fit."""
        body = self.text() if text is None else text
        try:
            return msgspec.json.decode(body, type=kind, strict=False)
        except msgspec.ValidationError as error:
            raise BadMessage(f"消息格式不对：{error} / the message does not fit: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadMessage(f"内容不是 JSON：{error} / the body is not JSON: {error}") from None
        except RecursionError:
            raise BadMessage("内容嵌套太深 / the body is nested too deeply") from None

    def form(self) -> dict[str, str]:
        """The body as the fields of a form, each name once (the last counts). Raises BadMessage."""
        try:
            return dict(parse_qsl(self.text(), keep_blank_values=True, max_num_fields=FIELDS_AT_MOST))
        except ValueError:
            raise BadMessage(
                f"表单超过 {FIELDS_AT_MOST} 个字段 / the form has more than {FIELDS_AT_MOST} fields"
            ) from None


@dataclass(frozen=True)
class Reply:
    """The answer to a message, in the form that the platform wants: `json`, or `text`, or nothing but the status."""

    status: int = 200
    json: Any = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
