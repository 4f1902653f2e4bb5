"""How a command becomes a call: what the store sees of it, and when two commands are the same."""

from __future__ import annotations

import json

import msgspec
import pytest

from overlaykit.errors import StoreBehind, StoreError
from overlaykit.model.commands import COMMANDS
from overlaykit.model.parsing import parse
from overlaykit.stock import encoding

SECRET = b"s" * 32


def encoded(**fields: object) -> encoding.Encoded:
    return encoding.encode(parse(json.dumps(fields).encode(), "api:shop"), SECRET, "evening")


def fingerprint(sent: encoding.Encoded) -> bytes:
    """The first value: a text of 16 bytes."""
    assert sent.packed[:1] == b"\xb0"
    return sent.packed[1:17]


def members(sent: encoding.Encoded) -> dict[str, object]:
    """The second value, the head of the ledger line: a text with its length in two bytes."""
    assert sent.packed[17:18] == b"\xda"
    line = sent.packed[20 : 20 + int.from_bytes(sent.packed[18:20])]
    found: dict[str, object] = json.loads(b"{" + line + b"}")
    return found


RESERVE = {
    "type": "order.reserve",
    "id": "c-1",
    "order": "o-1",
    "buyer": "li@example",
    "lines": [{"sku": "A", "quantity": 2}],
}


def test_a_ledger_line_has_the_fields_as_sent_and_no_buyer() -> None:
    line = members(encoded(**RESERVE))

    assert line["type"] == "order.reserve"
    assert line["id"] == "c-1"
    assert line["source"] == "api:shop"
    data = line["data"]
    assert isinstance(data, dict)
    assert data["lines"] == [{"sku": "A", "quantity": 2}]
    assert data["buyer"] == encoding.hash_buyer("li@example", SECRET)
    assert "id" not in data
    assert "type" not in data


def test_nowhere_in_a_call_stands_the_buyers_name() -> None:
    assert b"li@example" not in encoded(**RESERVE).packed


def test_a_buyer_has_another_hash_in_another_ledger() -> None:
    assert encoding.hash_buyer("li", SECRET) == encoding.hash_buyer("li", SECRET)
    assert encoding.hash_buyer("li", SECRET) != encoding.hash_buyer("li", b"t" * 32)
    assert encoding.hash_buyer("li", SECRET).startswith("b:")
    assert len(encoding.hash_buyer("li", SECRET)) == 18


@pytest.mark.parametrize(
    "change",
    [
        {"order": "o-2"},
        {"buyer": "wang"},
        {"lines": [{"sku": "A", "quantity": 3}]},
        {"lines": [{"sku": "A", "quantity": 2, "location": "hz"}]},
        {"lines": [{"sku": "A", "quantity": 1}, {"sku": "A", "quantity": 1}]},
        {"hold_seconds": 10},
        {"channel": "mini"},
    ],
)
def test_another_body_has_another_fingerprint(change: dict[str, object]) -> None:
    assert fingerprint(encoded(**{**RESERVE, **change})) != fingerprint(encoded(**RESERVE))


def test_the_same_body_has_the_same_fingerprint_however_it_is_written() -> None:
    turned = dict(reversed(RESERVE.items()))
    spelled = {**RESERVE, "channel": None, "hold_seconds": None}
    assert encoded(**turned) == encoded(**RESERVE)
    assert encoded(**spelled) == encoded(**RESERVE)
    assert encoded(**{**RESERVE, "hold_seconds": 60}) == encoded(**{**RESERVE, "hold_seconds": 60.0})


def test_a_command_with_no_fields_is_an_empty_object() -> None:
    assert members(encoded(type="session.open", id="x"))["data"] == {}


def test_a_recorded_command_is_encoded_as_it_was_sent() -> None:
    sent = encoded(**RESERVE)
    data = msgspec.json.encode(members(sent)["data"])
    assert encoding.encode_recorded(COMMANDS["order.reserve"], "c-1", "api:shop", data) == sent
    nothing = encoded(type="session.open", id="x")
    assert encoding.encode_recorded(COMMANDS["session.open"], "x", "api:shop", b"{}") == nothing


def test_text_of_any_script_crosses_whole() -> None:
    line = members(encoded(type="announce.show", id='"\\/中', text='最后 "3" 件\u2028\u0000'))
    assert line["id"] == '"\\/中'
    assert line["data"] == {"text": '最后 "3" 件\u2028\u0000'}


def test_a_store_that_holds_less_is_said() -> None:
    assert encoding.decode([b"none", 0, b""]) is None
    with pytest.raises(StoreBehind, match="entry 7"):
        encoding.decode([b"behind", 7, b"e"])
    with pytest.raises(StoreError, match="disagree"):
        encoding.decode([b"torn", 7, b"e"])
