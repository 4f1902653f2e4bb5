"""What is pressed on a desk while its answers are lost: it counts once, and the operator is not told otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.web.conftest import Web

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

PRESSED = """async ([command, session]) => {
  const { commandSender } = await import("/static/desk/press.js");
  window.sender ??= commandSender({ session, follow: session, lang: "en" }, { send_unknown: "nobody knows" }, [0, 0]);
  return window.sender(command);
}"""


def test_what_was_done_without_an_answer_is_not_done_again_when_it_is_pressed_again(
    room: Web, desk: Page, told: Callable[[str], dict[str, Any]]
) -> None:
    command = {"type": "stock.adjust", "sku": "D", "location": "hz", "delta": 10, "reason": "found"}
    sent: list[str] = []

    def lose(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "{}")["id"])
        route.fetch()
        route.abort()

    def press() -> Any:
        return desk.evaluate(PRESSED, [command, room.session])

    before = room.board()["items"]["D"]["available"]
    desk.route("**/desk/commands*", lose)
    assert press() == {"ok": False, "text": "nobody knows", "outcome": None}
    assert len(sent) == 3
    desk.unroute("**/desk/commands*", lose)

    again = press()
    assert (again["ok"], again["outcome"]["status"]) == (True, "duplicate")
    assert again["outcome"]["id"] == told("stock.adjust")["id"] == sent[0]
    assert room.board()["items"]["D"]["available"] == before + 10

    assert press()["outcome"]["status"] == "accepted", "once it was answered, the next one is another"
    assert room.board()["items"]["D"]["available"] == before + 20


def test_an_answer_that_breaks_off_is_asked_for_again(room: Web, desk: Page) -> None:
    sent: list[str] = []

    def break_off(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "{}")["id"])
        answer = route.fetch()
        route.fulfill(response=answer, body="" if len(sent) == 1 else answer.text())

    before = room.board()["items"]["C"]["available"]
    desk.route("**/desk/commands*", break_off)
    command = {"type": "stock.adjust", "sku": "C", "location": "hz", "delta": 5, "reason": "found"}
    answer = desk.evaluate(PRESSED, [command, room.session])
    desk.unroute("**/desk/commands*", break_off)
    assert (answer["ok"], answer["outcome"]["status"]) == (True, "duplicate")
    assert sent == [sent[0]] * 2
    assert room.board()["items"]["C"]["available"] == before + 5


def test_who_asks_a_room_that_does_not_answer_is_told_so(room: Web, desk: Page) -> None:
    desk.route("**/desk/search.json*", lambda route: None)
    answer = desk.evaluate(
        """async (session) => {
          const { askerOf } = await import("/static/desk/asking.js");
          return askerOf({ session, lang: "en" }, { ask_failed: "no answer" }, 100)("/desk/search.json");
        }""",
        room.session,
    )
    desk.unroute("**/desk/search.json*")
    assert answer == {"body": None, "text": "no answer"}
