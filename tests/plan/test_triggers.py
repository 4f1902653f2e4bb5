"""What a rule's `when` says, and what is said of one that says nothing we know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overlaykit.model.patterns import sku_pattern
from overlaykit.model.triggers import (
    AnyTrigger,
    ButtonPressed,
    ChatSaid,
    CountdownBelow,
    DropTurned,
    Level,
    ObsHealth,
    ObsScene,
    ObsTurned,
    OffAir,
    OnAir,
    Restocked,
    SellsOutIn,
    SessionTurned,
    SoldEvery,
    SoldOut,
    SourceTurned,
    TimeOfDay,
)
from overlaykit.plan.rules import Back, read_back
from overlaykit.plan.triggers import TriggerError, read_trigger

GUIDE = (Path(__file__).parents[2] / "sample_sessions" / "README.md").read_text(encoding="utf-8")

MEANT: dict[str, AnyTrigger] = {
    "available < 50": Level(field="available", sign="<", value=50),
    "available<=50": Level(field="available", sign="<=", value=50),
    "held > 12.5%": Level(field="held", sign=">", value=0.125, share=True),
    "oversold >= 1": Level(field="oversold", sign=">=", value=1),
    "sold > 80%": Level(field="sold", sign=">", value=0.8, share=True),
    "remaining ＜ 20％": Level(field="remaining", sign="<", value=0.2),
    "pace_per_minute > 7.5": Level(field="pace_per_minute", sign=">", value=7.5),
    "sells_out_in < 1h30m": SellsOutIn(seconds=5400),
    "sold_out": SoldOut(),
    "restocked": Restocked(),
    "sold every 500": SoldEvery(units=500),
    "on_air": OnAir(),
    "off_air": OffAir(),
    "countdown eight-close < 1m": CountdownBelow(name="eight-close", seconds=60),
    "countdown 红包 < 0": CountdownBelow(name="红包", seconds=0),
    "drop eight opened": DropTurned(name="eight", to="opened"),
    "source erp stale": SourceTurned(name="erp", to="stale"),
    "obs main stopped": ObsTurned(obs="main", to="stopped"),
    "obs main scene '商品 特写'": ObsScene(obs="main", scene="商品 特写"),
    "obs main dropped_frames > 5%": ObsHealth(obs="main", field="dropped_frames", sign=">", value=0.05),
    "obs main disk_gb < 10": ObsHealth(obs="main", field="disk_gb", sign="<", value=10),
    "chat “怎么买”": ChatSaid(keyword="怎么买"),
    "button encore": ButtonPressed(name="encore"),
    "at 8:05": TimeOfDay(hour=8, minute=5),
    "at 20:30:15": TimeOfDay(hour=20, minute=30, second=15),
    "session thawed": SessionTurned(to="thawed"),
}


@pytest.mark.parametrize(("text", "meant"), MEANT.items(), ids=list(MEANT))
def test_what_a_when_means(text: str, meant: AnyTrigger) -> None:
    assert read_trigger(text) == meant


def test_each_when_of_the_guide_is_one() -> None:
    table = GUIDE.split("<!-- triggers -->")[1].split("\n\n")[0]
    shown = re.findall(r"^\| `([^`]+)` \| .* \|( yes)? \|$", table, re.MULTILINE)[1:]
    assert len(shown) == table.count("\n") - 3
    for text, lasts in shown:
        assert read_trigger(text).lasts is bool(lasts), text
    assert {type(read_trigger(text)) for text, _ in shown} == {type(trigger) for trigger in MEANT.values()}


@pytest.mark.parametrize(
    ("text", "said", "nearest"),
    [
        ("", "empty", None),
        ("avalable < 5", "`avalable`", "available"),
        ("库存 < 5", "`库存`", "available"),
        ("available = 5", "`=`", None),
        ("available <", "nothing stands after", None),
        ("available < many", "`many`", None),
        ("available < 0", "never below 0", None),
        ("available < 5 and item.on_air", "`and item.on_air` stands after", None),
        ("remaining < 50", "no level of remaining", None),
        ("pace_per_minute > 5%", "no level of pace_per_minute", None),
        ("held > 2.5", "no level of held", None),
        ("sells_out_in < 20", "no duration", None),
        ("sells_out_in > 20m", "`>`", None),
        ("sold every", "no number of pieces", None),
        ("sold every 0", "no number of pieces", None),
        ("countdown < 1m", "needs a name", None),
        ("countdown coupon > 1m", "`>`", None),
        ("drop eight open", "`open`", "opened"),
        ("source erp silent", "`silent`", None),
        ("obs main droped_frames > 5%", "`droped_frames`", "dropped_frames"),
        ("obs main cpu > 80", "no level of cpu", None),
        ("obs main scene 特写", "`特写`", None),
        ("chat 怎么买", "`怎么买`", None),
        ("chat ''", "stands", None),
        ("at 24:00", "no time of day", None),
        ("session freezed", "`freezed`", "frozen"),
        ("on_air twice", "`twice` stands after", None),
    ],
)
def test_what_is_said_of_a_when_that_means_nothing(text: str, said: str, nearest: str | None) -> None:
    with pytest.raises(TriggerError) as caught:
        read_trigger(text)
    error = caught.value
    assert said in error.what.en
    assert error.nearest == nearest
    assert all([error.what.zh, error.expected.en, error.expected.zh])
    assert re.search("[\u4e00-\u9fff]", error.what.zh)


def test_where_a_number_has_to_be_back() -> None:
    below, soon = read_trigger("available < 50"), read_trigger("sells_out_in < 20m")
    assert read_back(below, 80) == Back(80)
    assert read_back(below, "40%") == Back(0.4, share=True)
    assert read_back(read_trigger("sold_out"), 5) == Back(5)
    assert read_back(soon, "30m") == Back(1800)
    for trigger, written in ((below, 40), (soon, "10m"), (read_trigger("pace_per_minute > 5"), 8), (below, "30m")):
        with pytest.raises(TriggerError):
            read_back(trigger, written)
    with pytest.raises(TriggerError, match="only what crosses a level"):
        read_back(read_trigger("on_air"), 3)


def test_a_pattern_of_skus() -> None:
    assert sku_pattern("coat-*").fullmatch("coat-bk-m")
    assert sku_pattern("coat-?").fullmatch("coat-m")
    assert not sku_pattern("coat-*").fullmatch("a-coat-m")
    assert not sku_pattern("a.[bc]").fullmatch("aXb")
    assert sku_pattern("a.[bc]").fullmatch("a.[bc]")


WORDS = st.sampled_from(
    [*" ".join(MEANT).split(), "<", "=", '"', "“", "%", "-1", "1e9", "999999999999", "every", "\x00", "٣", "５"]
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=6).map(" ".join)))
def test_whatever_is_written_is_a_trigger_or_an_error_in_both_languages(text: str) -> None:
    error: TriggerError | None = None
    try:
        trigger = read_trigger(text)
    except TriggerError as caught:
        error = caught
    if error is None:
        assert type(trigger) in {type(each) for each in MEANT.values()}
    else:
        assert all([*error.what, *error.expected])
