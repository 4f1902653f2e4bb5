"""Plugins that say who buyers are: asked by channel, never the reason why an order is lost."""

from __future__ import annotations

import logging

import pytest

from tests.pluginhost.conftest import Bench

MEMBERS = """
from overlaykit.api import Identity, hookimpl

KNOWN = {("douyin", "d-7"): "member-1", ("mini", "wx-9"): "member-1"}

@hookimpl
def register_identities(register):
    register(Identity(["douyin", "mini"], lambda channel, buyer: KNOWN.get((channel, buyer), buyer)))
"""

FAILING = """
from overlaykit.api import Identity, hookimpl

def find(channel, buyer):
    {body}

@hookimpl
def register_identities(register):
    register(Identity(["douyin"], find))
"""


def test_one_person_on_two_channels_is_one(bench: Bench) -> None:
    bench.plugin("members", MEMBERS)
    plugins = bench.discover()
    identities = plugins.identities()
    assert identities
    assert identities.find("douyin", "d-7") == identities.find("mini", "wx-9") == "member-1"
    assert identities.find("douyin", "wx-9") == "wx-9"
    assert identities.find("web", "d-7") == "d-7"
    assert identities.find(None, "d-7") == "d-7"
    (status,) = bench.statuses_of("members", plugins)
    assert (status.state, status.reason) == ("active", "")
    assert status.provides == ("identity douyin", "identity mini")


def test_without_plugins_ids_count_as_they_are_sent(bench: Bench) -> None:
    identities = bench.discover().identities()
    assert not identities
    assert identities.find("douyin", "d-7") == "d-7"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('raise KeyError("no such member")', "KeyError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("return None", "None"),
        ('return ""', "empty"),
        ('return "x" * 129', "129 characters"),
    ],
)
def test_one_that_fails_loses_no_order_and_says_so(
    bench: Bench, body: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    bench.plugin("subject", FAILING.format(body=body))
    plugins = bench.discover()
    identities = plugins.identities()
    with caplog.at_level(logging.WARNING):
        assert [identities.find("douyin", f"d-{number}") for number in range(30)] == [f"d-{n}" for n in range(30)]
    assert identities.failures == {"douyin": 30}
    assert len(caplog.records) == 2, "a log line for each order would bury the log"
    (status,) = bench.statuses_of("subject", plugins)
    assert status.state == "active"
    assert says in status.reason
    assert status.remedy
    (complaint,) = identities.complaints()
    assert "subject" in complaint
    assert "30 times" in complaint


@pytest.mark.parametrize(
    ("thing", "says"),
    [
        ('"douyin"', "no Identity"),
        ('Identity("douyin", str)', "'douyin'"),
        ("Identity([], str)", "[]"),
        ('Identity(["a"], "find")', "no plain function"),
        ('Identity(["a", "a"], max)', "two identities named 'a'"),
        ("Identity([7], max)", "no name"),
    ],
)
def test_what_is_no_identity_sets_the_plugin_aside(bench: Bench, thing: str, says: str) -> None:
    code = "from overlaykit.api import Identity, hookimpl\n@hookimpl\ndef register_identities(register):\n"
    bench.plugin("subject", f"{code}    register({thing})\n")
    plugins = bench.discover()
    (status,) = bench.statuses_of("subject", plugins)
    assert status.state == "failed"
    assert says in status.reason
    assert not plugins.identities()


def test_a_later_place_wins_for_its_channels(bench: Bench) -> None:
    bench.plugin("members", MEMBERS)
    bench.plugin("own", FAILING.format(body='return "own"'), place=bench.session)
    plugins = bench.discover()
    assert plugins.identities().find("douyin", "d-7") == "own"
    assert plugins.identities().find("mini", "wx-9") == "member-1"
    shadowed = [status for status in bench.statuses_of("members", plugins) if status.state == "shadowed"]
    assert "identity 'douyin'" in shadowed[0].reason
