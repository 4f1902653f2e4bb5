"""The suite finds what is wrong: each connector here has one fault, and the test that has to see it does."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from overlaykit.api import BadMessage
from overlaykit.cli.plugin.new import skeleton
from overlaykit.model.wire import UNREADABLE
from overlaykit.testing import load_plugin
from overlaykit.testing.conformance import Case, ConnectorConformance

FAULTS = {
    "test_messages_for_another_room_are_refused": ("return hmac_hex(", "return True or hmac_hex("),
    "test_messages_without_their_signature_are_refused": (
        "return hmac_hex(",
        "return SIGNATURE not in request.headers or hmac_hex(",
    ),
    "test_messages_that_were_changed_on_the_way_are_refused": (
        "return hmac_hex(",
        "return len(request.headers.get(SIGNATURE)) == 64 or hmac_hex(",
    ),
    "test_verify_and_probe_never_fail": ("request.headers.get(SIGNATURE)", "request.headers[SIGNATURE]"),
    "test_what_cannot_be_read_is_a_bad_message": (
        "for message in request.read(list[Message]):",
        "assert request.body.startswith(b'[{')\n        for message in request.read(list[Message]):",
    ),
    "test_numbers_may_be_texts_and_a_byte_order_mark_may_come_first": ("order: str | int", "order: str"),
    "test_the_answer_is_the_platforms_own_and_in_time": ('json={"ok": True}', 'text="ok"'),
    "test_reading_a_message_twice_gives_the_same": (
        "order=str(message.order))",
        "order=__import__('uuid').uuid4().hex)",
    ),
    "test_a_delivery_has_the_platforms_id": ("delivery, shop = str(message.id)", 'delivery, shop = ""'),
    "test_probes_are_answered_and_say_nothing": ('!= "ping"', '!= "pong"'),
    "test_kinds_that_it_does_not_know_are_kept": ("yield Unknown(", "continue\n                yield Unknown("),
    "test_messages_come_to_what_happened": ('quantity=int(line["units"])', "quantity=1"),
    "test_two_refunds_of_an_order_are_two_happenings": ('transition=str(refund["id"])', 'transition="refund"'),
    "test_messages_in_any_order_come_to_the_same_end": ('case "void":', 'case "gone":'),
    "test_what_cannot_be_asked_now_is_asked_again": (
        "return list(facts_of(await ctx",
        "from overlaykit.api import PlatformError\n        from contextlib import suppress\n"
        "        with suppress(PlatformError):\n            return list(facts_of(await ctx",
    ),
    "test_a_poll_tells_what_happened_since": ("KINDS[state](order", 'KINDS["new"](order'),
    "test_polls_alone_lose_nothing_while_the_platform_is_away": (
        'page = await ctx.http.get(url, params={"after": after}, token=token)',
        "try:\n                page = await ctx.http.get(url, params={'after': after}, token=token)\n"
        "            except Exception:\n                return",
    ),
    "test_a_poll_that_was_cut_off_is_taken_up": (
        'for row in page["orders"]:',
        'await ctx.remember(str(page["next"]))\n            for row in page["orders"]:',
    ),
    "test_numbers_are_sold_there_as_pushed": ('"units": level.quantity', '"units": level.quantity + 1'),
    "test_one_number_that_is_refused_does_not_stop_the_others": ('ok=answer["code"] == 0', "ok=True"),
    "test_our_own_number_comes_back_as_a_listing": ("quantity=message.units", "quantity=0"),
}
"""Test → what stands in the good connector, and what in the faulty one."""


@pytest.fixture
def acme(tmp_path: Path, imports_as_before: None) -> Path:
    """The connector of the guide."""
    folder = tmp_path / "plugins" / "acme"
    for path, text in skeleton("acme", "connector").items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def suite_of(folder: Path) -> ConnectorConformance:
    """Its own, loaded anew."""
    load_plugin(folder)
    specification = importlib.util.spec_from_file_location("acme_case", folder / "tests" / "test_acme.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    made: ConnectorConformance = module.TestAcme()
    return made


def ask(suite: ConnectorConformance, test: str) -> None:
    case: Case[Any] = suite.case()
    with case.platform:
        getattr(suite, test)(case)


def rewrite(plugin: Path, code: str) -> None:
    """Another text of the plugin. Bytecode of one as long, written in the same second, would be taken for its own."""
    for compiled in plugin.glob("__pycache__/__init__.*"):
        compiled.unlink()
    (plugin / "__init__.py").write_text(code, encoding="utf-8")


@pytest.mark.parametrize("test", sorted(FAULTS))
def test_a_fault_is_found_by_its_test(acme: Path, test: str) -> None:
    good, bad = FAULTS[test]
    ask(suite_of(acme), test)
    code = (acme / "__init__.py").read_text(encoding="utf-8")
    assert good in code
    rewrite(acme, code.replace(good, bad, 1))
    sys.modules.pop("plugins.acme", None)
    with pytest.raises((AssertionError, BadMessage)):
        ask(suite_of(acme), test)


@pytest.mark.parametrize("error", UNREADABLE, ids=lambda error: error.__name__)
def test_what_the_room_takes_for_unreadable_is_no_fault(acme: Path, error: type[Exception]) -> None:
    code = (acme / "__init__.py").read_text(encoding="utf-8")
    good = "for message in request.read(list[Message]):"
    bad = f"if not request.body.startswith(b'[{{'):\n            raise {error.__name__}\n        {good}"
    assert good in code
    rewrite(acme, code.replace(good, bad, 1))
    ask(suite_of(acme), "test_what_cannot_be_read_is_a_bad_message")


def test_what_a_connector_does_not_promise_is_not_asked(acme: Path) -> None:
    suite = suite_of(acme)
    assert suite.test_what_viewers_write_is_heard is None
    assert suite.test_an_alert_reaches_the_team is None
    assert suite.test_numbers_are_sold_there_as_pushed is not None


def test_a_case_that_lacks_something_says_what_and_why(acme: Path) -> None:
    class Bare(Case[Any]):
        connector = suite_of(acme).case.connector

        def make_platform(self) -> Any:
            return None

    with pytest.raises(
        NotImplementedError, match=r"Bare has no `sells`.*Acme promises\. .*the platform sells of it now"
    ):
        Bare().sells("1")
