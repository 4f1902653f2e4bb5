"""The page to which a platform sends the browser: it keeps what it brings once, and says how that fares."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from overlaykit.store.grants import Asked, GrantResult, Grants
from tests.web.conftest import Visitor, Web

pytestmark = pytest.mark.store


def link(web: Web, app: str = "douyin") -> str:
    return Grants(web.client).ask(Asked(app=app, session=web.session, callback=f"{web.url}/oauth/{app}/callback"))


def brought(web: Web, app: str) -> list[str]:
    """The codes that wait for the gateway."""
    return [each.query["code"] for each in Grants(web.client).brought(web.session) if each.asked.app == app]


def text(page: bytes) -> str:
    return page.decode()


def test_what_the_browser_brings_waits_for_the_gateway_and_the_page_says_what_came_of_it(web: Web) -> None:
    visitor, state = Visitor(web), link(web)
    page = visitor.go(f"/oauth/douyin/callback?code=s3cret&state={state}&lang=zh-CN")
    assert (page.status, "正在换取授权" in text(page.body)) == (200, True)
    assert 'http-equiv="refresh"' in text(page.body)
    assert "s3cret" not in visitor.at
    assert "s3cret" not in text(page.body)
    (waiting,) = Grants(web.client).brought(web.session)
    assert waiting.query["code"] == "s3cret"
    result = GrantResult(status="done", shop="店 <88>", expires_at=1_800_000_000.0)
    Grants(web.client).settle(waiting.id, result)
    page = visitor.go(visitor.at)
    assert all(each in text(page.body) for each in ("授权成功", "店 &lt;88&gt;", "2027-01-15 08:00 UTC"))
    assert 'http-equiv="refresh"' not in text(page.body)
    english = visitor.go(visitor.at.replace("zh-CN", "en"))
    assert "Authorised" in text(english.body)


def test_a_link_is_good_once(web: Web) -> None:
    state = link(web, "once")
    assert web.get(f"/oauth/once/callback?code=1&state={state}", scope=None).status == 200
    again = web.get(f"/oauth/once/callback?code=2&state={state}&lang=en", scope=None)
    assert (again.status, "no longer good" in text(again.body)) == (400, True)
    assert brought(web, "once") == ["1"]


@pytest.mark.parametrize(
    "query",
    ["", "state=", "code=1", "state=guessed", "state=" + "x" * 5_000, "state=%00%ff&code=%ff", "state=a&state=b"],
)
def test_a_state_that_nobody_gave_out_is_a_page_that_says_so(web: Web, query: str) -> None:
    answer = web.get(f"/oauth/guessed/callback?{query}", scope=None, headers={"Accept": "text/html"})
    assert (answer.status, answer.type) == (400, "text/html")
    assert "plugin authorise" in text(answer.body)
    assert brought(web, "guessed") == []


def test_another_apps_link_and_a_query_without_end_are_not_taken(web: Web) -> None:
    state = link(web, "mine")
    assert web.get(f"/oauth/another/callback?code=1&state={state}", scope=None).status == 400
    assert web.get(f"/oauth/mine/callback?code={'x' * 20_000}&state={state}", scope=None).status in (400, 414)
    assert brought(web, "another") == brought(web, "mine") == []
    assert web.get(f"/oauth/mine/callback?code=1&state={state}", scope=None).status == 200


def test_an_owner_who_says_no_is_told_so_at_once(web: Web) -> None:
    said = quote("店主拒绝 <b>")
    query = f"error=access_denied&error_description={said}&state={link(web, 'refused')}&lang=zh-CN"
    page = text(web.get(f"/oauth/refused/callback?{query}", scope=None).body)
    assert "没有授权成功" in page
    assert "access_denied: 店主拒绝 &lt;b&gt;" in page
    assert brought(web, "refused") == []


def test_nobody_finds_out_about_authorisations_that_are_not_there(web: Web) -> None:
    assert web.get("/oauth/douyin/result?of=nothing", scope=None).status == 404
    assert web.get("/oauth/douyin/result", scope=None).status == 404
