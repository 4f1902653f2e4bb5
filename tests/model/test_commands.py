"""What a command may say: what is wrong with one is named with its place, and what is right goes through."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from overlaykit.errors import InvalidCommand
from overlaykit.model.commands import COMMANDS, AnyCommand, Asked, PlanReload, Submission
from overlaykit.model.fields import MAX_LINES
from overlaykit.model.parsing import parse
from overlaykit.model.rules import MOST_ENTRIES, MOST_PER_BUNDLE


def ask(type: str, **fields: object) -> Submission:
    return parse(json.dumps({"type": type, "id": "c-1", **fields}).encode(), "api:shop")


def wrong(type: str, **fields: object) -> tuple[str, str]:
    """Path and message of the one thing wrong with this command."""
    with pytest.raises(InvalidCommand) as caught:
        ask(type, **fields)
    assert caught.value.id == "c-1"
    ((path, said),) = caught.value.errors
    return path, said.en


def transfer(**fields: object) -> dict[str, object]:
    return {"sku": "A", "quantity": 3, **fields}


def added(**fields: object) -> dict[str, object]:
    return {"sku": "N", "title": "新品", "opening": {"hz": 10, "gz": 5}, **fields}


RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("stock.transfer", transfer(**{"from": "buffer", "to": "available"})),
    ("stock.transfer", transfer(**{"from": "incoming", "to": "available", "location": "hz", "reason": "到货"})),
    ("stock.transfer", transfer(**{"from": "location:hz", "to": "location:gz"})),
    ("stock.adjust", {"sku": "A", "delta": 5, "bucket": "incoming", "due": "2026-11-20", "reason": "PO 7"}),
    ("stock.adjust", {"sku": "A", "delta": -5, "bucket": "damaged", "reason": "found"}),
    ("stock.confirm", {"reading": 12, "accept": True}),
    ("stock.count", {"sku": "A", "quantity": 0, "basis": "on_hand", "as_of": "2026-11-11T20:00:00+08:00"}),
    ("item.mode", {"sku": "A", "mode": "presale", "ship_by": "2026-11-30"}),
    ("item.mode", {"sku": "A", "mode": "spot"}),
    ("item.add", added(buffer={"hz": 10}, low={"share": 1}, critical={"units": 0}, facts={"克重": "720 g"})),
    ("item.update", {"sku": "A", "title": "大衣 \u202eTAOC\u202c \u2066coat\u2069 👩\u200d🌾"}),
    ("announce.show", {"text": "\U0001fae9"}),
    ("item.add", {"sku": "box", "title": "礼盒", "bundle": {"A": 1, "B": MOST_PER_BUNDLE}}),
    ("item.update", {"sku": "A", "price": None}),
    ("item.update", {"sku": "A", "low": {"units": 9}, "image": "https://img.example/a.webp"}),
    ("item.move", {"sku": "A", "position": 1}),
    ("allotment.set", {"sku": "A", "channel": "mini", "quantity": None}),
    ("allotment.set", {"sku": "A", "channel": "mini", "quantity": 0}),
    ("drop.release", {"drop": "eight"}),
    ("drop.close", {"drop": "eight"}),
    ("quarantine.drop", {"entry": 9}),
    ("quarantine.drop", {"channel": "mini", "platform_sku": "3501 红"}),
    ("quarantine.map", {"channel": "mini", "platform_sku": "3501", "sku": "A"}),
    ("quarantine.map", {"channel": "mini", "platform_sku": "3501", "sku": "A", "quantity": 2}),
    ("connector.pause", {"name": "channel.douyin", "reason": "平台维护"}),
    ("connector.resume", {"name": "source.wms"}),
    ("order.ship", {"order": "o", "lines": [{"sku": "A", "quantity": 1}], "fact": True}),
    ("order.refund", {"order": "o", "restock": False}),
    ("order.reserve", {"order": "o", "personal": True, "lines": [{"sku": "A", "quantity": 1, "drop": "eight"}]}),
    ("overlay.set", {"theme": None}),
    (
        "overlay.set",
        {"theme": "neon", "options": {"accent": "#e4002b", "rows": 3, "scale": 1.5, "still": True, "note": None}},
    ),
    ("plan.reload", {}),
]


@pytest.mark.parametrize(("type", "fields"), RIGHT, ids=lambda each: each if isinstance(each, str) else "")
def test_what_may_be_said(type: str, fields: dict[str, Any]) -> None:
    submission = ask(type, **fields)
    assert (submission.id, submission.source) == ("c-1", "api:shop")
    assert submission.command.__struct_config__.tag == type


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("quarantine.drop", {}, "entry", "give entry, or channel and platform_sku"),
    ("quarantine.drop", {"entry": 9, "channel": "mini", "platform_sku": "3"}, "entry", "give entry, or channel"),
    ("quarantine.drop", {"channel": "mini"}, "platform_sku", "both channel and platform_sku"),
    ("quarantine.drop", {"platform_sku": "3"}, "channel", "both channel and platform_sku"),
    ("quarantine.map", {"channel": "mini", "platform_sku": "3\n", "sku": "A"}, "platform_sku", "control"),
    ("quarantine.map", {"channel": "mini", "platform_sku": "3", "sku": "A", "quantity": 0}, "quantity", ">= 1"),
    ("connector.pause", {"name": "douyin"}, "name", "channel"),
    ("stock.transfer", transfer(**{"from": "buffer", "to": "buffer"}), "to", "another place"),
    ("stock.transfer", transfer(**{"from": "location:hz", "to": "location:hz"}), "to", "another place"),
    ("stock.transfer", transfer(**{"from": "location:hz", "to": "available"}), "to", "buckets of one location"),
    ("stock.transfer", transfer(**{"from": "buffer", "to": "location:hz"}), "to", "buckets of one location"),
    (
        "stock.transfer",
        transfer(**{"from": "location:hz", "to": "location:gz", "location": "hz"}),
        "location",
        "between buckets",
    ),
    ("stock.transfer", transfer(**{"from": "held", "to": "available"}), "from", "location:NAME"),
    ("stock.transfer", transfer(**{"from": "location:", "to": "location:gz"}), "from", "location:NAME"),
    ("stock.transfer", transfer(**{"from": "available\n", "to": "buffer"}), "from", "location:NAME"),
    ("stock.transfer", transfer(**{"from": "location:h\tz", "to": "location:gz"}), "from", "control"),
    ("stock.adjust", {"sku": "A", "delta": 0, "reason": "x"}, "delta", "not be 0"),
    ("stock.adjust", {"sku": "A", "delta": 1, "reason": "x", "due": "2026-11-20"}, "due", "bucket incoming"),
    (
        "stock.adjust",
        {"sku": "A", "delta": 1, "reason": "x", "bucket": "incoming", "due": "2026-02-30"},
        "due",
        "no day 2026-02-30",
    ),
    ("stock.adjust", {"sku": "A", "delta": 1, "reason": "x", "bucket": "held"}, "bucket", "enum"),
    (
        "stock.count",
        {"sku": "A", "quantity": 1, "basis": "on_hand", "as_of": "1990-01-01T00:00:00Z"},
        "as_of",
        "years 2000",
    ),
    ("item.mode", {"sku": "A", "mode": "spot", "ship_by": "2026-11-30"}, "ship_by", "presale"),
    ("item.mode", {"sku": "A", "mode": "presale", "ship_by": "2026-11-31"}, "ship_by", "no day"),
    ("item.add", added(buffer={"hz": 11}), "buffer.hz", "the 10 that open"),
    ("item.add", added(buffer={"sz": 1}), "buffer.sz", "the 0 that open"),
    ("item.add", added(bundle={"A": 1}), "opening", "made of its items"),
    ("item.add", {"sku": "N", "title": "x", "bundle": {"N": 1}}, "bundle.N", "of itself"),
    ("item.add", {"sku": "N", "title": "x", "bundle": {"A": MOST_PER_BUNDLE + 1}}, "bundle.A", "at most"),
    ("item.add", {"sku": "N", "title": "x", "bundle": {"A": 1}, "presale_limit": 5}, "presale_limit", "presale"),
    ("item.add", added(low={}), "low", "exactly one"),
    ("item.add", added(low={"units": 5, "share": 0.1}), "low", "exactly one"),
    ("item.add", added(critical={"share": 1.01}), "critical.share", "0 … 1"),
    ("item.add", added(critical={"units": -1}), "critical.units", "1,000,000,000"),
    ("item.add", added(low={"units": 5}, critical={"units": 5}), "critical", "less than low"),
    ("item.add", added(low={"share": 0.1}, critical={"share": 0.2}), "critical", "less than low"),
    ("item.add", added(image="../../etc/passwd"), "image", "session's folder"),
    ("item.add", added(image="javascript:x"), "image", "session's folder"),
    ("item.add", added(aliases=["x"] * (MOST_ENTRIES + 1)), "aliases", "entries"),
    ("item.add", {**added(), "sku": " N"}, "sku", "space"),
    ("item.add", {**added(), "title": "a\u0000b"}, "title", "control"),
    ("item.add", added(aliases=["a", "b\u0007"]), "aliases[1]", "control"),
    ("item.add", added(facts={"克重": "7\u001b"}), "facts.克重", "control"),
    ("item.add", added(opening={"h\nz": 1}), "opening", "control"),
    ("item.add", {**added(), "title": " \u3000"}, "title", "something to read"),
    ("item.update", {"sku": "A", "title": "  "}, "title", "something to read"),
    ("item.update", {"sku": "A", "title": "\u200b\u200d"}, "title", "something to read"),
    ("item.update", {"sku": "A", "title": "大衣\u202e"}, "title", "turns round"),
    ("item.update", {"sku": "A", "subtitle": "Z" + 9 * "\u0301"}, "subtitle", "marks"),
    ("note.set", {"text": "\u2067先讲 3 号"}, "text", "turns round"),
    ("item.update", {"sku": "A", "variant": "\t"}, "variant", "something to read"),
    ("announce.show", {"text": "   "}, "text", "something to read"),
    ("item.update", {"sku": "A"}, "", "changes nothing"),
    ("item.update", {"sku": "A", "title": None}, "title", "str"),
    ("item.update", {"sku": "A", "low": {"share": -0.1}}, "low.share", "0 … 1"),
    ("item.update", {"sku": "A", "image": "/etc/passwd"}, "image", "session's folder"),
    ("item.update", {"sku": "A", "opening": {"hz": 1}}, "", "opening"),
    ("item.move", {"sku": "A", "position": 0}, "position", ">= 1"),
    ("allotment.set", {"sku": "A", "channel": "mini"}, "", "quantity"),
    ("allotment.set", {"sku": "A", "channel": "m\ni", "quantity": 1}, "channel", "control"),
    ("drop.release", {"drop": "ei\u0001ght"}, "drop", "control"),
    ("order.refund", {"order": "o"}, "", "restock"),
    ("order.ship", {"order": "o", "lines": []}, "lines", "length >= 1"),
    ("order.ship", {"order": "o", "lines": [{"sku": "A", "quantity": 1, "location": "hz"}]}, "lines[0]", "location"),
    (
        "order.release",
        {"order": "o", "lines": [{"sku": "A", "quantity": 1}] * (MAX_LINES + 1)},
        "lines",
        f"<= {MAX_LINES}",
    ),
    (
        "order.reserve",
        {"order": "o", "lines": [{"sku": "A", "quantity": 1}] * (MAX_LINES + 1)},
        "lines",
        f"<= {MAX_LINES}",
    ),
    (
        "order.reserve",
        {"order": "o", "lines": [{"sku": "A", "quantity": 1, "drop": "a\tb"}]},
        "lines[0].drop",
        "control",
    ),
    ("order.release", {"order": "o", "lines": [{"sku": "A\u0000", "quantity": 1}]}, "lines[0].sku", "control"),
    ("stock.confirm", {"reading": 0, "accept": True}, "reading", ">= 1"),
    ("item.feature", {"sku": "A", "link": 1}, "sku", "exactly one"),
    ("countdown.set", {"name": "n"}, "ends_at", "exactly one"),
    ("countdown.set", {"name": "n", "seconds": 5, "extend": 5}, "ends_at", "exactly one"),
    ("countdown.set", {"name": "n", "extend": 0}, "extend", "must not be 0"),
    ("countdown.set", {"name": "n", "extend": 1e9}, "extend", "<="),
    ("countdown.set", {"name": "n", "extend": 5, "sku": "A"}, "sku", "leave it out"),
    ("countdown.set", {"name": "n", "ends_at": "2999-01-01T00:00:00Z"}, "ends_at", "years 2000"),
    ("overlay.set", {}, "", "changes nothing"),
    ("overlay.set", {"options": {}}, "", "changes nothing"),
    ("overlay.set", {"options": {"Accent": 1}}, "options", "small letters"),
    ("overlay.set", {"options": {"accent": [1]}}, "options[...]", "array"),
    ("overlay.set", {"options": {"accent": 1e13}}, "options[...]", "<= 1000000000000"),
    ("overlay.set", {"options": {"accent": "a\u0000b"}}, "options.accent", "control"),
    ("overlay.set", {"options": {f"n{number}": 1 for number in range(MOST_ENTRIES + 1)}}, "options", "entries"),
    ("overlay.set", {"theme": ""}, "theme", "length >= 1"),
    ("overlay.set", {"theme": "ne\non"}, "theme", "control"),
    ("plan.relaod", {}, "type", "plan.reload"),
    ("item.update", {"sku": "A", "price": 9.9}, "price", "str"),
    ("item.update", {"sku": "A", "price": "9,9"}, "price", "decimal string"),
    ("item.mode", {"sku": "A", "mode": "presale", "ship_by": "soon"}, "ship_by", "2026-11-20"),
]


@pytest.mark.parametrize(
    ("type", "fields", "path", "says"), WRONG, ids=[f"{each[0]} {each[2]} {each[3]}" for each in WRONG]
)
def test_what_may_not_be_said(type: str, fields: dict[str, Any], path: str, says: str) -> None:
    found, message = wrong(type, **fields)
    assert found == path
    assert says in message


def test_each_type_that_may_be_sent_is_the_engines_or_the_edges() -> None:
    assert set(get_args(Asked)) - set(get_args(AnyCommand)) == {PlanReload}
    assert "plan.reload" not in COMMANDS
    assert {"order.ship", "order.refund", "stock.transfer", "item.move", "quarantine.drop"} <= set(COMMANDS)
