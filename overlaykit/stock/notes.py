"""Notes → the values of a call, and answers → what came of them. No I/O.

A note's id alone is its fingerprint: who says it again, in whatever words, is told that it has been said. Its cause stands in
the line's head. Other fields are what the store shows of it; lua/ops/direction.lua says how they are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from overlaykit.model import notes as n
from overlaykit.model.alerts import alert_turn
from overlaykit.model.notes import AnyNote, NoteAnswer, Noted
from overlaykit.model.outcomes import Outcome
from overlaykit.stock.encoding import FINGERPRINT_BYTES, Encoded, assemble

NO_LEASE = -1

_json = msgspec.json.Encoder(order="deterministic").encode
_note = msgspec.json.Decoder(AnyNote)
_outcome = msgspec.json.Decoder(Outcome)

ShownFields = list[list[str]]
"""Fields of `shown`, each with its JSON, or "" to take it away."""


def encode_note(noted: Noted, token: int | None) -> Encoded:
    """Ready for the script. `token`: the fencing token of the lease under which it is said; None without one.

    Raises ValueError for a note that could not be read again. Texts that are too long are cut, and end with an ellipsis.
    """
    body = _json(_brief(noted.note))
    try:
        note = _note.decode(body)
    except msgspec.ValidationError as error:
        raise ValueError(f"this note cannot be written: {error}: {noted.note}") from None
    tag = str(note.__struct_config__.tag)
    data = b"{" + body[len(tag) + 11 :] if len(body) > len(tag) + 11 else b"{}"
    return _encoded(noted._replace(note=note), data, token)


def encode_recorded_note(type: str, id: str, source: str, data: bytes, cause: int | None) -> Encoded:
    """A note as a recording has it, byte for byte: a version that knew fewer fields may have written it."""
    return _encoded(Noted(id, msgspec.json.decode(data, type=n.NOTES[type]), source, cause), data, None)


def _encoded(noted: Noted, data: bytes, token: int | None) -> Encoded:
    note = noted.note
    tag = str(note.__struct_config__.tag)
    id_json = _json(noted.id)
    line = b'"type":"%b","id":%b,"source":%b' % (tag.encode(), id_json, _json(noted.source))
    if noted.cause is not None:
        line += b',"cause":%d' % noted.cause
    line += b',"data":%b' % data
    fingerprint = blake2b(b"note\0" + noted.id.encode(), digest_size=FINGERPRINT_BYTES).digest()
    values = [tag, id_json.decode(), NO_LEASE if token is None else token, *_values(note, noted.source)]
    return assemble(fingerprint, line, values)


def read_answer(answer: bytes) -> NoteAnswer:
    """What came of a note, from the script's answer."""
    outcome = _outcome.decode(answer)
    match outcome.status:
        case "accepted":
            return NoteAnswer("accepted", outcome.seq)
        case "duplicate" if outcome.first is not None:
            return NoteAnswer("duplicate", outcome.first.seq)
        case "conflict":
            return NoteAnswer("conflict", None)
    return NoteAnswer("fenced", None)


def _brief(note: AnyNote) -> AnyNote:
    """The note with texts that came from elsewhere, an OBS, a plugin or a chat, as they can be written: no half characters,
    and without the end of what is too long."""
    changed: dict[str, Any] = {}
    for name in ("why", "detail", "text", "author"):
        text = getattr(note, name, "")
        if (fit := _fit(text, n.TEXT_AT_MOST)) is not text:
            changed[name] = fit
    if isinstance(note, n.StockPushed) and note.failed:
        changed["failed"] = {sku: _fit(reason, n.BRIEF_AT_MOST) for sku, reason in note.failed.items()}
    return msgspec.structs.replace(note, **changed) if changed else note


def _fit(text: str, most: int) -> str:
    fit = text if text.isascii() else text.encode("utf-8", "replace").decode()
    return fit if len(fit) <= most else fit[: most - 1] + "…"


def _text(value: Any) -> str:
    return _json(value).decode()


def _task(note: n.TaskOpened, source: str) -> list[str]:
    shown = {
        "kind": note.kind,
        "params": note.params,
        "text": note.text,
        "why": note.why,
        "level": note.level,
        "copy": note.copy,
        "confirm": note.confirm,
        "trouble": note.trouble,
        "sku": note.sku,
        "source": source,
    }
    return [note.task, _text(shown)[1:-1]]


def _alerts(note: AnyNote) -> list[list[Any]]:
    turn = alert_turn(note)
    if turn is None:
        return []
    if turn.about is None:
        return [[turn.alert, "", 0, ""]]
    return [[turn.alert, turn.level, -1 if turn.count is None else turn.count, _text(turn.about)[1:-1]]]


_SHOWN: dict[type[AnyNote], Callable[[Any], ShownFields]] = {
    n.ForecastUpdated: lambda note: [
        [f"pace {sku}", "" if pace == (None, None) else _text(pace)] for sku, pace in note.items.items()
    ],
    n.ObsChanged: lambda note: [[f"obs {note.obs}", _text(note.state)]],
    n.ObsHealth: lambda note: [[f"health {note.obs}", _text(note.values)]],
    n.SourceStale: lambda note: [[f"source {note.source}", _text(note.since)]],
    n.SourceFresh: lambda note: [[f"source {note.source}", ""]],
}
"""Note type → the fields that it changes, of a note that says how something stands now."""

_VALUES: dict[type[AnyNote], Callable[[Any, str], Sequence[Any]]] = {
    n.RuleFired: lambda note, source: [note.rule, _text(note.sku)],
    n.TaskOpened: _task,
    n.StockPushed: lambda note, source: [
        note.channel,
        list(note.levels.items()),
        [[sku, _text(reason)] for sku, reason in note.failed.items()],
    ],
    n.OrderUnmapped: lambda note, source: [note.channel, _text(note.order), list(note.platform_skus.items())],
}
"""Note type → its values after the token, of a note that is counted or kept in a list."""


def _values(note: AnyNote, source: str) -> Sequence[Any]:
    """What follows the token."""
    values = _VALUES.get(type(note))
    if values is not None:
        return values(note, source)
    shown = _SHOWN.get(type(note))
    return [[] if shown is None else shown(note), _alerts(note)]
