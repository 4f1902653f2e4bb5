"""What somebody is told at the start, before anybody asks why nothing arrives."""

from __future__ import annotations

from pathlib import Path

from overlaykit.cli.notices import open_besides, without_secrets
from overlaykit.config import Config
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import load_plan
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


def test_another_session_of_the_same_shop_is_named_with_the_way_to_end_it(tmp_path: Path) -> None:
    tonight = planned(tmp_path, "tonight-2", "shop")
    before, elsewhere = planned(tmp_path, "tonight", "shop"), planned(tmp_path, "elsewhere", "outlet")
    (said,) = open_besides(tonight, [tonight, before, elsewhere])
    assert "the session tonight is still open: it counts the orders of shop too" in said
    assert 'POST {"type":"session.close"} to /api/v1/sessions/tonight/commands' in said


def test_a_secret_that_nobody_has_set_is_named_with_its_variable(tmp_path: Path) -> None:
    plan, plugins = planned(tmp_path, "tonight", "shop"), find_plugins(Config(state=tmp_path), None)
    (said,) = without_secrets(plan, plugins, KeptSecrets(tmp_path, {}))
    assert "[channel.shop] 缺少密钥 / needs the secret secret." in said
    assert "OVERLAYKIT_SECRET_CHANNEL_SHOP_SECRET" in said
    assert not without_secrets(plan, plugins, KeptSecrets(tmp_path, {"CHANNEL_SHOP_SECRET": "whsec_c2VjcmV0"}))
