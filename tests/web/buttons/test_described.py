"""What existing buttons do is put into words when something is called otherwise, not each time the page asks."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import Words
from overlaykit.store import TokenRecord
from overlaykit.web.buttons.described import Description, Descriptions

PLAN = SessionPlan(id="evening", ledger="evening", title="", items=(), locations=(), channels=())


class Page:
    """Polls, and counts for which buttons words were asked."""

    def __init__(self) -> None:
        self._descriptions = Descriptions()
        self.plan, self.countdowns, self.asked = PLAN, ["deal"], list[str]()

    def poll(self, *buttons: TokenRecord) -> list[str]:
        self.asked.clear()
        found = self._descriptions.of(buttons, self.plan, self.countdowns, self._describe)
        return [description.title.en for _, description in found]

    def _describe(self, record: TokenRecord) -> Description:
        self.asked.append(record.name)
        said = f"{record.action and record.action['type']}"
        return Description(Words(said, said), None)


def button(name: str, type: str = "item.next", **fields: Any) -> TokenRecord:
    return TokenRecord(name, "button", "2026-11-22T20:00:00Z", {"type": type, **fields})


def test_a_poll_in_which_nothing_is_called_otherwise_asks_for_no_words() -> None:
    page, buttons = Page(), [button("next"), button("back", "item.previous")]
    assert page.poll(*buttons) == ["item.next", "item.previous"]
    assert page.asked == ["next", "back"]
    assert page.poll(*buttons) == ["item.next", "item.previous"]
    assert page.asked == []
    page.poll(*buttons, button("new"))
    assert page.asked == ["new"]


def test_what_names_may_have_changed_is_asked_again() -> None:
    page, buttons = Page(), [button("next"), button("back", "item.previous")]
    page.poll(*buttons)
    page.plan = replace(PLAN)  # as after item.update
    page.poll(*buttons)
    assert page.asked == ["next", "back"]
    page.countdowns.append("flash")
    page.poll(*buttons)
    assert page.asked == ["next", "back"]


def test_a_button_that_was_made_anew_under_its_name_is_another_one() -> None:
    page = Page()
    page.poll(button("one"))
    assert page.poll(button("one", "item.previous")) == ["item.previous"]
    page.poll()
    page.poll(button("one", "item.previous"))
    assert page.asked == ["one"], "what is revoked is not kept"


def test_a_look_is_asked_each_time_since_themes_come_and_go() -> None:
    page, look = Page(), button("look", "overlay.set", theme="neon")
    page.poll(look)
    page.poll(look)
    assert page.asked == ["look"]
