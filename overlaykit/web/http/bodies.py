"""Bodies: read from a request, plain or as JSON, and answered."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from flask import Response, request

from overlaykit.model.misfits import misfit
from overlaykit.web.http.problems import ProblemError, problem
from overlaykit.words import Words

T = TypeVar("T")

_NOT_JSON_TYPE = Words("The body is sent as application/json.", "内容要以 application/json 发送。")


def read_plain(environ: dict[str, Any], most: int) -> bytes | None:
    """The body of a WSGI request; None when it has more than `most` bytes. Raises OSError when it ends early."""
    declared = environ.get("CONTENT_LENGTH")
    if declared is not None and int(declared) > most:
        return None
    if declared is None and environ.get("HTTP_TRANSFER_ENCODING", "").lower() != "chunked":
        return b""
    body: bytes = environ["wsgi.input"].read(most + 1)
    return body if len(body) <= most else None


def body_within(what: Words, most: int) -> bytes:
    """The body of this request. Raises ProblemError 413, with `what` it is, where it has more than `most` bytes."""
    body = request.get_data(cache=False)
    if len(body) > most:
        said = Words(
            f"{what.en} may have {most} bytes, this body has {len(body)}.",
            f"{what.zh}最多 {most} 字节，这里有 {len(body)}。",
        )
        raise ProblemError(problem(413, said))
    return body


def read_json(kind: type[T], what: Words, most: int) -> T:
    """The body of this request as a `kind`; nothing at all counts as `{}`. `what` it is, such as "A secret", and how many bytes
    it may have. Raises ProblemError 400, 413, 415 or 422."""
    if request.mimetype != "application/json":
        raise ProblemError(problem(415, _NOT_JSON_TYPE))
    body = body_within(what, most)
    try:
        return msgspec.json.decode(body or b"{}", type=kind)
    except msgspec.ValidationError as error:
        path, said = misfit(error)
        chinese = f"填写有误：{path}：{said.zh}。" if path else f"填写有误：{said.zh}。"
        raise ProblemError(problem(422, Words(f"The body does not fit: {error}.", chinese), kind="invalid")) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProblemError(problem(400, Words("The body is not JSON.", "内容不是 JSON。"), kind="malformed")) from None


def answer_json(answer: object, *, kept: bool = True) -> Response:
    """An answer as JSON. `kept`: whether a browser may keep it; not what is secret, nor what is another thing in a moment."""
    response = Response(msgspec.json.encode(answer), content_type="application/json")
    if not kept:
        response.headers["Cache-Control"] = "no-store"
    return response
