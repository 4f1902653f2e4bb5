"""WeChat's envelope: a signed, encrypted message in JSON or XML.

`msg_signature` is the SHA-1 of token, timestamp, nonce and the encrypted text, sorted and joined. The text is AES-256-CBC with the
EncodingAESKey, its first 16 bytes as IV, padded as PKCS #7 to blocks of 32: 16 random bytes, the length of the message
(4 bytes, big endian), the message, the AppID. Source: developers.weixin.qq.com, 消息推送 → 消息加解密.
"""

from __future__ import annotations

import struct
from xml.parsers import expat

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from msgspec import Struct

from overlaykit.api import BadMessage, Request, Secret, UserError, hash_hex, unbase64

PADDED_TO = 32
HEAD = 20
"""Bytes before the message: random ones and its length."""
DEPTH_AT_MOST = 20

Xml = dict[str, "Xml | str"]


class Sealed(Struct):
    Encrypt: str


class Envelope:
    """Opens and checks what one shop's message push sends. Raises UserError for a key that is none."""

    def __init__(self, appid: str, token: Secret, encoding_aes_key: Secret) -> None:
        key = unbase64(f"{encoding_aes_key.reveal()}=")
        if key is None or len(key) != 32:
            raise UserError(
                "encoding_aes_key 应是 43 位字母数字 / the secret encoding_aes_key has to be 43 letters and digits",
                remedy="在小店后台「消息推送」里复制。 / Copy it from the shop's back office, 消息推送.",
            )
        self._appid, self._token, self._key = appid, token, key

    def is_signed(self, request: Request) -> bool:
        """Whether the message is WeChat's own. Raises BadMessage when it is no envelope."""
        return self._signs(request, "msg_signature", sealed_in(request))

    def opened(self, request: Request) -> str:
        """The message in it. Raises BadMessage."""
        return self.decrypted(sealed_in(request))

    def echo(self, request: Request) -> str | None:
        """What the question with `echostr` wants to hear; None when WeChat did not sign it. In shops it is plain; elsewhere it is
        encrypted."""
        text = request.query.get("echostr", "")
        if "msg_signature" in request.query:
            return self.decrypted(text) if self._signs(request, "msg_signature", text) else None
        return text if text and self._signs(request, "signature") else None

    def decrypted(self, text: str) -> str:
        """The message in an encrypted text. Raises BadMessage."""
        sealed = unbase64(text)
        if not sealed or len(sealed) % 16:
            raise BadMessage("密文不是整块的 base64 / the encrypted text is no base64 of whole blocks")
        cipher = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).decryptor()
        plain = cipher.update(sealed) + cipher.finalize()
        padding = plain[-1]
        if not 1 <= padding <= PADDED_TO or len(plain) - padding < HEAD or plain[-padding:].count(padding) != padding:
            raise BadMessage("是用另一个 EncodingAESKey 加密的 / it was encrypted with another EncodingAESKey")
        (length,) = struct.unpack(">I", plain[16:HEAD])
        body = plain[HEAD:-padding]
        if length > len(body):
            raise BadMessage("加密的消息不完整 / the encrypted message is cut off")
        if body[length:] != self._appid.encode():
            raise BadMessage("消息是给另一个 AppID 的 / the message is for another AppID")
        try:
            return body[:length].decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BadMessage("加密的消息不是 UTF-8 / the encrypted message is not UTF-8") from None

    def _signs(self, request: Request, name: str, *more: str) -> bool:
        query = request.query
        parts = sorted([self._token.reveal(), query.get("timestamp", ""), query.get("nonce", ""), *more])
        return hash_hex("sha1", parts, expected=query.get(name, ""))


def sealed_in(request: Request) -> str:
    """The encrypted text of a body. Raises BadMessage."""
    text = request.text().lstrip()
    if not text.startswith("<"):
        return request.read(Sealed).Encrypt
    sealed = read_xml(text).get("Encrypt")
    if not isinstance(sealed, str):
        raise BadMessage("信封里没有 Encrypt / the envelope has no Encrypt")
    return sealed


def read_xml(text: str) -> Xml:
    """What stands in the root of an XML document, by tag; of tags that come twice the last. Raises BadMessage; a document with a
    DOCTYPE is none, so that no entity is ever looked up."""
    above: list[Xml] = []
    here: Xml = {}
    names: list[str] = []
    said: list[str] = []

    def begin(name: str, _: dict[str, str]) -> None:
        nonlocal here
        if len(names) > DEPTH_AT_MOST:
            raise BadMessage("XML 嵌套太深 / the XML is nested too deeply")
        names.append(name)
        above.append(here)
        here = {}
        said.clear()

    def end(name: str) -> None:
        nonlocal here
        inside, here = here, above.pop()
        names.pop()
        here[name] = inside or "".join(said).strip()
        said.clear()

    def refuse(*_: object) -> None:
        raise BadMessage("XML 里有 DOCTYPE / the XML has a DOCTYPE")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = said.append
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise BadMessage(f"内容不是 XML：{error} / the body is no XML: {error}") from None
    except UnicodeEncodeError:
        raise BadMessage("内容不是 XML：有半个字符 / the body is no XML: it has half a character") from None
    root = next(iter(here.values()))
    if isinstance(root, str):
        raise BadMessage("XML 是空的 / the XML is empty")
    return root
