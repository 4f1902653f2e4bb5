"""Whose message it is: signed with one of the secrets, not long ago, over the very bytes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overlaykit.api import Headers, Request, Secret, UserError, WrongTime
from overlaykit.testing import sign_standard_webhook
from plugins.generic_webhook.connector import GenericWebhook, ShopSettings
from plugins.generic_webhook.signing import TOLERANCE, keys_of, sign

OLD = "whsec_b2xkIGtleSBvZiB0aGUgc2hvcCwgMzIgYnl0ZXM="
NEW = "whsec_bmV3IGtleSBvZiB0aGUgc2hvcCwgMzIgYnl0ZXM="
OTHER = "whsec_c29tZWJvZHkgZWxzZSdzIGtleSwgMzIgYnl0ZXM="
NOW = 1_794_400_000
BODY = '{"type": "order.paid", "标题": "羊绒大衣"}'.encode()


def shop(*secrets: str) -> GenericWebhook:
    return GenericWebhook(ShopSettings(secret=tuple(map(Secret, secrets))))


def message(*secrets: str, at: float = NOW, body: bytes = BODY) -> Request:
    headers = sign_standard_webhook(secrets, "msg-1", body, at=at)
    return Request(headers=Headers(headers), body=body, received_ms=NOW * 1000)


def changed(request: Request, **headers: str) -> Request:
    given = dict(request.headers) | {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(headers=Headers(given), body=request.body, received_ms=request.received_ms)


def test_a_message_of_the_shop_counts_and_one_of_somebody_else_does_not() -> None:
    assert shop(NEW).verify(message(NEW))
    assert not shop(NEW).verify(message(OTHER))


def test_while_the_secret_is_changed_old_and_new_count_on_either_side() -> None:
    assert shop(OLD, NEW).verify(message(OLD))
    assert shop(OLD, NEW).verify(message(NEW))
    assert shop(NEW).verify(message(OLD, NEW))
    assert not shop(NEW).verify(message(OLD))


@pytest.mark.parametrize("seconds", [-TOLERANCE, 0, TOLERANCE])
def test_the_shops_clock_may_be_five_minutes_off(seconds: int) -> None:
    assert shop(NEW).verify(message(NEW, at=NOW + seconds))


@pytest.mark.parametrize("seconds", [-TOLERANCE - 1, TOLERANCE + 1, -86_400, 10**9])
def test_a_message_of_the_past_or_the_future_does_not_count(seconds: int) -> None:
    with pytest.raises(WrongTime, match="its signature is right, but it is signed for a time") as refused:
        shop(NEW).verify(message(NEW, at=NOW + seconds))
    assert refused.value.seconds == pytest.approx(seconds, abs=1)
    assert not shop(NEW).verify(message(OTHER, at=NOW + seconds)), "nobody else is told of a clock"


@pytest.mark.parametrize(
    "header",
    [
        {"webhook_signature": ""},
        {"webhook_signature": "v1"},
        {"webhook_signature": "garbage"},
        {"webhook_signature": "v1,a,b"},
        {"webhook_signature": "v2,AAAA"},
        {"webhook_signature": "v1," + "é" * 44},
        {"webhook_signature": "v1,\ud800"},
        {"webhook_timestamp": ""},
        {"webhook_timestamp": "soon"},
        {"webhook_timestamp": "1" * 5000},
        {"webhook_timestamp": "１７９４４０００００"},
        {"webhook_timestamp": f"{NOW}.0"},
        {"webhook_timestamp": str(NOW + 1)},
        {"webhook_id": ""},
        {"webhook_id": "msg-2"},
        {"webhook_id": "\udcff"},
    ],
)
def test_headers_that_are_missing_changed_or_make_no_sense_are_refused_without_an_error(header: dict[str, str]) -> None:
    assert not shop(NEW).verify(changed(message(NEW), **header))


def test_the_right_signature_counts_among_others() -> None:
    genuine = message(NEW)
    signature = genuine.headers["webhook-signature"]
    assert shop(NEW).verify(changed(genuine, webhook_signature=f"v1,AAAA v1a,xyz {signature}"))
    assert not shop(NEW).verify(changed(genuine, webhook_signature="v1,AAAA " * 1000 + signature)), (
        "no work without end"
    )


@settings(deadline=None)
@given(st.integers(0, len(BODY) * 8 - 1))
def test_one_flipped_bit_is_enough_to_refuse_it(bit: int) -> None:
    body = bytearray(BODY)
    body[bit // 8] ^= 1 << bit % 8
    genuine = message(NEW)
    assert not shop(NEW).verify(Request(headers=genuine.headers, body=bytes(body), received_ms=genuine.received_ms))


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_AAAA", "no prefix", "whsec_%%%", NEW.removeprefix("whsec_")])
def test_a_secret_that_is_none_is_said_with_how_to_make_one(text: str) -> None:
    with pytest.raises(UserError, match="whsec_ and base64") as caught:
        shop(text)
    assert "head -c 32 /dev/urandom" in str(caught.value.remedy)
    assert text not in str(caught.value) or text in ("", "whsec_")


def test_what_we_sign_we_would_accept() -> None:
    headers = sign(keys_of([Secret(OLD), Secret(NEW)]), "msg-1", NOW, BODY)
    assert shop(NEW).verify(Request(headers=Headers(headers), body=BODY, received_ms=NOW * 1000))


def test_the_published_vector_is_reproduced() -> None:
    folder = Path(os.environ.get("OVERLAYKIT_WIRE_SAMPLES", ""))
    if not (folder / "vectors.json").is_file():
        pytest.skip("OVERLAYKIT_WIRE_SAMPLES does not point to a folder with vectors.json")
    vectors = {each["name"]: each for each in json.loads((folder / "vectors.json").read_text(encoding="utf-8"))}
    vector = vectors["standardwebhooks-sign"]
    id, timestamp = vector["headers"]["webhook-id"], int(vector["headers"]["webhook-timestamp"])
    headers = sign(keys_of([Secret(vector["secret"])]), id, timestamp, vector["body"].encode())
    assert headers["webhook-signature"] == vector["expected"]
    for case, signature in vectors["standardwebhooks-malformed"]["cases"]:
        assert not shop(NEW).verify(changed(message(NEW), webhook_signature=signature)), case
