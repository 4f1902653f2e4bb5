"""What the team reads, and what the operator reads when it does not."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from overlaykit.api import Notification, OverlaykitError, PlatformAway, PlatformRefused, Secret, UserError
from overlaykit.testing import TestContext, load_plugin
from plugins.feishu.connector import Feishu, RobotSettings
from plugins.feishu.fake import FakeFeishu
from plugins.feishu.wire import BODY_AT_MOST, Answer, message, signature, trouble

HERE = Path(__file__).parents[1]
SOLD_OUT = Notification(title="羊绒大衣售罄", text="黑 M 还剩 0 件，缺货 2 件", level="urgent")


def notify(settings: RobotSettings, notification: Notification = SOLD_OUT) -> None:
    async def story() -> None:
        async with TestContext("notifier.team") as ctx:
            await Feishu(settings).notify(notification, ctx)

    asyncio.run(story())


def settings(robot: FakeFeishu, **more: Any) -> RobotSettings:
    return RobotSettings(hook=Secret(robot.hook), **more)


def test_an_alert_is_a_card_in_the_colour_of_its_level() -> None:
    with FakeFeishu() as robot:
        notify(settings(robot))
        (sent,) = robot.messages
        assert sent["card"]["header"]["title"]["content"] == "羊绒大衣售罄"
        assert sent["card"]["header"]["template"] == "red"
        assert [each["text"]["content"] for each in sent["card"]["elements"]] == ["黑 M 还剩 0 件，缺货 2 件"]


def test_urgent_alerts_mention_everybody_where_the_plan_says_so_and_others_do_not() -> None:
    with FakeFeishu() as robot:
        for level in ("urgent", "warning"):
            notify(settings(robot, at_all=True), Notification(text="缺货", level=level))
        urgent, warning = robot.messages
        assert "<at id=all>" in json.dumps(urgent)
        assert "<at id=all>" not in json.dumps(warning)
        assert warning["card"]["header"]["title"]["content"] == "注意 Warning", "a title for one that has none"


def test_a_plain_text_holds_title_and_text_and_what_a_viewer_wrote_mentions_nobody() -> None:
    with FakeFeishu() as robot:
        notify(settings(robot, style="text"), Notification(title="弹幕", text='<at user_id="all">所有人</at> 快看'))
        (sent,) = robot.messages
        assert sent["content"]["text"] == '弹幕\n＜at user_id="all">所有人＜/at> 快看'


def test_messages_are_signed_as_the_robot_checks_them() -> None:
    with FakeFeishu(secret="s-1") as robot:
        notify(settings(robot, sign_key=Secret("s-1")))
        assert len(robot.messages) == 1
        with pytest.raises(UserError, match="19021") as caught:
            notify(settings(robot, sign_key=Secret("another")))
        assert "sign_key" in str(caught.value.remedy)


def test_the_signature_has_the_documented_form() -> None:
    expected = hmac.new(b"1599360473\ndemo", digestmod=hashlib.sha256).digest()
    assert signature(1599360473, "demo") == base64.b64encode(expected).decode()


def test_a_keyword_that_the_robot_demands_stands_in_the_title_once() -> None:
    with FakeFeishu(keyword="直播") as robot:
        with pytest.raises(UserError, match="19024") as caught:
            notify(settings(robot))
        assert "keyword" in str(caught.value.remedy)
        notify(settings(robot, keyword="直播"))
        notify(settings(robot, keyword="直播"), Notification(title="直播开始", text="好"))
        titles = [sent["card"]["header"]["title"]["content"] for sent in robot.messages]
        assert titles == ["直播 羊绒大衣售罄", "直播开始"]


def test_too_many_messages_mean_later_and_so_does_a_feishu_that_is_away() -> None:
    with FakeFeishu() as robot:
        robot.busy = True
        with pytest.raises(PlatformAway, match="11232"):
            notify(settings(robot))
        robot.down = True
        with pytest.raises(PlatformAway):
            notify(settings(robot))


def test_a_robot_that_was_removed_is_said_without_its_address() -> None:
    with FakeFeishu() as robot, pytest.raises(UserError, match="19001") as caught:
        notify(RobotSettings(hook=Secret(robot.hook + "-gone")))
    assert "copy it again" in str(caught.value.remedy)
    assert "made-up" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "0000-made-up", "https://open.feishu.cn/", "http://[", "ftp://open.feishu.cn/open-apis/bot/v2/hook/x"]
)
def test_an_address_that_is_none_is_said_before_anything_is_sent(text: str) -> None:
    with pytest.raises(UserError, match="no address of a group robot") as caught:
        Feishu(RobotSettings(hook=Secret(text)))
    assert "/open-apis/bot/v2/hook/" in str(caught.value.remedy)
    assert "made-up" not in str(caught.value)


@pytest.mark.parametrize("style", ["card", "text"])
def test_a_text_that_is_too_long_is_cut_and_says_how_much_is_missing(style: Any) -> None:
    with FakeFeishu() as robot:
        notify(settings(robot, style=style), Notification(title="标" * 500, text="羊" * 30_000))
        (call,) = robot.calls
        assert BODY_AT_MOST - 10 < len(call.body) <= BODY_AT_MOST, "as much as fits"
        kept = call.text().count("羊")
        assert f"还有 {30_000 - kept} 字" in call.text()


@examples(deadline=None)
@given(st.text(max_size=40), st.text(max_size=200).map(lambda text: text * 300), st.sampled_from(["card", "text"]))
def test_no_message_is_too_long_whatever_it_says(title: str, text: str, style: Any) -> None:
    body = message(Notification(title=title, text=text), style=style, keyword="直播", at_all=True, signed={})
    assert len(body) <= BODY_AT_MOST
    assert json.loads(body)["msg_type"] in ("interactive", "text")


@pytest.mark.parametrize(
    ("code", "kind"),
    [(0, type(None)), (11232, PlatformAway), (2200, PlatformAway), (19022, UserError), (12345, PlatformRefused)],
)
def test_each_answer_is_later_mendable_or_a_no(code: int, kind: type[OverlaykitError] | type[None]) -> None:
    assert type(trouble(Answer(code, "why"))) is kind


def test_the_guide_names_each_setting() -> None:
    guide = (HERE / "README.md").read_text(encoding="utf-8")
    (made,) = load_plugin(HERE).connectors.values()
    for field in made.settings_type.__struct_fields__:
        assert f"\n| `{field}` |" in guide
