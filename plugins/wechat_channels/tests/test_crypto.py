"""WeChat's envelope: who may open it, and everything that is none."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from overlaykit.api import BadMessage, Request, Secret, UserError
from plugins.wechat_channels.crypto import Envelope, read_xml
from plugins.wechat_channels.fake import (
    APPID,
    ENCODING_AES_KEY,
    TOKEN,
    encrypted,
    question,
    sealed,
    signature,
)

VECTORS = Path(os.environ.get("OVERLAYKIT_WIRE_SAMPLES") or "no-samples") / "vectors.json"
needs_vectors = pytest.mark.skipif(
    not VECTORS.is_file(), reason="no wire samples: set OVERLAYKIT_WIRE_SAMPLES to their folder"
)
MESSAGE = '{"Event":"测试"}'


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(APPID, Secret(TOKEN), Secret(ENCODING_AES_KEY))


@pytest.mark.parametrize("xml", [False, True])
def test_a_message_is_opened_in_json_and_in_xml(envelope: Envelope, xml: bool) -> None:
    request = sealed(MESSAGE.encode(), xml=xml)
    assert envelope.is_signed(request)
    assert envelope.opened(request) == MESSAGE


@pytest.mark.parametrize("name", ["timestamp", "nonce", "msg_signature"])
def test_another_signature_is_not_believed(envelope: Envelope, name: str) -> None:
    request = sealed(MESSAGE.encode())
    assert not envelope.is_signed(replace(request, query={**request.query, name: "1"}))
    assert not envelope.is_signed(replace(request, query={}))


def test_it_is_opened_with_its_own_key_for_its_own_appid_only() -> None:
    request = sealed(MESSAGE.encode())
    with pytest.raises(BadMessage, match="another EncodingAESKey"):
        Envelope(APPID, Secret(TOKEN), Secret(ENCODING_AES_KEY[::-1])).opened(request)
    with pytest.raises(BadMessage, match="another AppID"):
        Envelope("wx-other", Secret(TOKEN), Secret(ENCODING_AES_KEY)).opened(request)


@pytest.mark.parametrize("key", ["", "short", ENCODING_AES_KEY[:-1], ENCODING_AES_KEY[:-1] + "-"])
def test_a_key_that_is_none_is_said_at_once(key: str) -> None:
    with pytest.raises(UserError, match="43"):
        Envelope(APPID, Secret(TOKEN), Secret(key))


@pytest.mark.parametrize("text", ["", "x", "AAAA", encrypted(b"x")[:-4], encrypted(b"x")[:-24] + "AAAA" * 6])
def test_a_text_that_is_not_encrypted_is_a_bad_message(envelope: Envelope, text: str) -> None:
    with pytest.raises(BadMessage):
        envelope.decrypted(text)


def test_the_address_is_asked_for_plain_or_encrypted(envelope: Envelope) -> None:
    assert envelope.echo(question("437")) == "437"
    forged = question("437")
    assert envelope.echo(replace(forged, query={**forged.query, "nonce": "2"})) is None
    assert envelope.echo(Request(method="GET")) is None
    text = encrypted(b"4375120948345356249")
    query = {"timestamp": "1", "nonce": "2", "echostr": text, "msg_signature": signature("1", "2", text)}
    assert envelope.echo(Request(method="GET", query=query)) == "4375120948345356249"
    assert envelope.echo(Request(method="GET", query=query | {"timestamp": "2"})) is None


def test_xml_is_read_without_looking_anything_up() -> None:
    assert read_xml("<xml><A>1</A><B><C><![CDATA[<x>]]></C></B></xml>") == {"A": "1", "B": {"C": "<x>"}}
    for bad in (
        '<!DOCTYPE x [<!ENTITY a "b">]><xml><A>&a;</A></xml>',
        "<xml>",
        "<xml></xml>",
        "<" * 1_000,
        "<a>" * 100_000,
        "<xml><A>\ud800</A></xml>",
    ):
        with pytest.raises(BadMessage):
            read_xml(bad)


@needs_vectors
def test_the_vectors_of_the_documents_come_out() -> None:
    vectors: dict[str, dict[str, Any]] = {
        each["name"]: each for each in json.loads(VECTORS.read_text(encoding="utf-8"))
    }
    official = vectors["wechat-official-crypt"]
    key, random = official["encoding_aes_key"], official["random"].encode()
    assert (
        encrypted(official["plaintext"].encode(), appid=official["appid"], key=key, random=random)
        == official["expected"]
    )
    opened = Envelope(official["appid"], Secret(official["token"]), Secret(key))
    assert opened.decrypted(official["expected"]) == official["plaintext"]
    signed = official["msg_signature"]
    query = {name: signed[name] for name in ("timestamp", "nonce")} | {"msg_signature": signed["expected(computed)"]}
    body = json.dumps({"Encrypt": official["expected"]}).encode()
    assert opened.is_signed(Request(query=query, body=body))

    echo = vectors["wechat-echostr-wechatpy"]
    asked = Envelope(echo["appid"], Secret(echo["token"]), Secret(echo["encoding_aes_key"]))
    query = {
        "timestamp": echo["timestamp"],
        "nonce": echo["nonce"],
        "echostr": echo["encrypt"],
        "msg_signature": echo["expected"],
    }
    assert asked.echo(Request(method="GET", query=query))
