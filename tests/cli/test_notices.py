"""What somebody is told at the start, before anybody asks why nothing arrives."""

from __future__ import annotations

import re
from pathlib import Path

from overlaykit.cli.notices import notices, open_besides, without_secrets
from overlaykit.config import Config
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import load_plan, words_in
from overlaykit.runtime.plugins import find_plugins
from overlaykit.runtime.secrets import KeptSecrets

PLAN = """
id = "{id}"
title = "今晚"
item = [{{ sku = "scarf", title = "围巾", price = "99.00", opening = 50 }}]

[channel.shop]
connector = "generic_webhook"
app = "{app}"
"""


def planned(folder: Path, id: str, app: str) -> SessionPlan:
    file = folder / f"{id}.toml"
    file.write_text(PLAN.format(id=id, app=app), encoding="utf-8")
    return load_plan(file).session


def assert_each_language_by_itself(notice: str) -> None:
    """As the banner prints it, in the session's language."""
    said = words_in(notice)
    assert not re.search("[\u4e00-\u9fff]", said.en), said.en
    assert re.search("[\u4e00-\u9fff]", said.zh), said.zh
    assert not re.search("[a-z]+ [a-z]+ [a-z]+", said.zh), said.zh


def test_another_session_of_the_same_shop_is_named_with_the_way_to_end_it(tmp_path: Path) -> None:
    tonight = planned(tmp_path, "tonight-2", "shop")
    before, elsewhere = planned(tmp_path, "tonight", "shop"), planned(tmp_path, "elsewhere", "outlet")
    (said,) = open_besides(tonight, [tonight, before, elsewhere])
    assert "the session tonight is still open: it counts the orders of shop too" in said
    assert 'POST {"type":"session.close"} to /api/v1/sessions/tonight/commands' in said
    assert_each_language_by_itself(said)


def test_a_secret_that_nobody_has_set_is_named_with_its_variable(tmp_path: Path) -> None:
    plan, plugins = planned(tmp_path, "tonight", "shop"), find_plugins(Config(state=tmp_path), None)
    (said,) = without_secrets(plan, plugins, KeptSecrets(tmp_path, {}))
    assert "[channel.shop] needs the secret secret." in said
    assert "[channel.shop] 缺少密钥 secret" in said
    assert "OVERLAYKIT_SECRET_CHANNEL_SHOP_SECRET" in said
    assert_each_language_by_itself(said)
    assert not without_secrets(plan, plugins, KeptSecrets(tmp_path, {"CHANNEL_SHOP_SECRET": "whsec_c2VjcmV0"}))


def test_what_is_amiss_in_plan_and_plugins_is_said_in_each_language(tmp_path: Path) -> None:
    file = tmp_path / "session.toml"
    pictured = PLAN.format(id="tonight", app="shop").replace(
        'title = "围巾"', 'title = "围巾", image = "img/scarf.webp"'
    )
    file.write_text(f"{pictured}\n[options]\naccent = 'reddish'\nacent = '#ff0000'\n", encoding="utf-8")
    plugin = tmp_path / "plugins" / "lamp"
    plugin.mkdir(parents=True)
    (plugin / "__init__.py").write_text("1 / 0\n", encoding="utf-8")
    said = notices(load_plan(file), find_plugins(Config(state=tmp_path, plugins=(tmp_path / "plugins",)), None))
    lamp, picture, accent, acent = said
    assert "the plugin lamp is set aside: importing it raised ZeroDivisionError" in lamp
    assert "ZeroDivisionError" in words_in(lamp).zh
    assert "img/scarf.webp" in words_in(picture).zh
    assert "颜色，如 #e4002b" in words_in(accent).zh
    assert "没有选项 acent" in words_in(acent).zh
    for each in (picture, accent, acent):
        assert_each_language_by_itself(each)
    assert "插件 lamp 没有启用：出错（导入）" in words_in(lamp).zh
    assert "改好插件" in words_in(lamp).zh


def test_a_plugin_or_theme_with_an_odd_name_keeps_no_room_from_starting(tmp_path: Path) -> None:
    lamp, wall = tmp_path / "plugins" / "lamp {0}", tmp_path / "themes" / "wall {0}"
    for folder, file, text in ((lamp, "__init__.py", ""), (wall, "theme.toml", "title = 1")):
        folder.mkdir(parents=True)
        (folder / file).write_text(text, encoding="utf-8")
    config = Config(state=tmp_path, plugins=(lamp.parent,), themes=(wall.parent,))
    said = [words_in(notice) for notice in notices(None, find_plugins(config, None))]
    assert any(words.en.startswith("the plugin lamp {0} is set aside: ") for words in said)
    assert any(words.zh.startswith("插件 lamp {0} 没有启用：") for words in said)
    assert any("wall {0}" in words.en and "wall {0}" in words.zh for words in said)
