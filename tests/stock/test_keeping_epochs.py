"""A process that was told of a ledger before its loss learns how it goes on, and is not fooled."""

import asyncio
from typing import Any

import pytest

from overlaykit.errors import StoreBehind
from overlaykit.stock import Keeper, Seen

BEHIND = [b"behind", 960, b"new", b"older 900 old 950"]


def seen(epoch: str, seq: int, answered: int | None = None) -> Seen:
    found = Seen()
    found.note(epoch, answered if answered is not None else seq, answered=True)
    found.note(epoch, seq, answered=False)
    return found


def test_who_was_told_of_nothing_that_is_gone_goes_on() -> None:
    process = seen("old", 950)
    assert process.adopt(BEHIND)
    assert (process.epoch, process.seq) == ("new", 960)


def test_what_was_only_read_is_no_loss() -> None:
    assert seen("old", 958, answered=940).adopt(BEHIND)


def test_who_was_told_of_more_says_so_once_and_goes_on() -> None:
    process = seen("old", 953)
    with pytest.raises(StoreBehind, match="951 to 953"):
        process.adopt(BEHIND)
    assert (process.epoch, process.seq, process.answered) == ("new", 960, 950)


def test_an_epoch_before_the_last_one_is_known_too() -> None:
    with pytest.raises(StoreBehind, match="901 to 905"):
        seen("older", 905).adopt(BEHIND)


@pytest.mark.parametrize(
    "answer",
    [[b"ok", 5, b"new"], [b"behind", 5, b"other", b""], [b"behind", 5, b"old", b""], [b"behind", 5, b"x", b"other 3"]],
    ids=["fine", "unknown", "the same epoch", "not ours"],
)
def test_nothing_else_is_believed(answer: list[Any]) -> None:
    process = seen("old", 10)
    assert not process.adopt(answer)
    assert (process.epoch, process.seq) == ("old", 10)


def test_a_state_in_another_epoch_is_not_taken_for_ours() -> None:
    process = seen("old", 10)
    process.note("new", 500, answered=False)
    assert (process.epoch, process.seq) == ("old", 10)


@pytest.mark.store
def test_epochs_follow_each_other(any_store: Any, ledger: str) -> None:
    """Two losses, the second one deeper: what was intact after the first is so only as far as the second lets it be."""
    from overlaykit.model.commands import SessionClose, SessionOpen, Submission
    from overlaykit.model.sessions import Channel, Item, Location, SessionPlan, Threshold
    from overlaykit.stock import StockEngine
    from overlaykit.store import connect, connect_async

    low = Threshold(share=0.2)
    with connect(any_store.url) as client:
        engine = StockEngine(client, ledger)
        engine.plan(
            SessionPlan(
                id=ledger,
                ledger=ledger,
                title="t",
                items=(Item(sku="A", title="A", opening={"hz": 1}, low=low, critical=low),),
                locations=(Location(name="hz", title="hz"),),
                channels=(Channel(name="mini", title="mini"),),
            )
        )
        engine.submit([Submission("1", SessionOpen(), "api:x")])
        first = engine.seen.epoch
        sleeper = seen(first, 2)

        async def lose(keeper: Keeper, seq: int, epoch: str, intact: int) -> None:
            await keeper.shut_gate()
            with pytest.raises(StoreBehind):
                await keeper.resume(seq + 1, epoch, intact, {})
            assert await keeper.resume(seq, epoch, intact, {})
            assert not await keeper.resume(seq + 1, epoch, intact, {})

        async def run() -> dict[str, int]:
            async with connect_async(any_store.url) as other:
                keeper = Keeper(other, ledger)
                await lose(keeper, 2, "second", 2)
                await lose(keeper, 3, "third", 1)
                facts = await keeper.facts()
                assert facts is not None
                return facts.intact

        assert asyncio.run(run()) == {first: 1, "second": 1}
        late = StockEngine(client, ledger, sleeper)
        with pytest.raises(StoreBehind, match="2 to 2, which"):
            late.submit([Submission("2", SessionClose(), "api:x")])
        assert b"accepted" in late.submit([Submission("2", SessionClose(), "api:x")])[0]

        async def missed() -> tuple[int, int] | None:
            async with connect_async(any_store.url) as other:
                facts = await Keeper(other, ledger).facts()
                return facts.missed if facts else None

        assert asyncio.run(missed()) == (2, 2), "so that a director can say it, whoever was told"
