"""Secrets that are kept in the state folder, or set by the environment."""

from __future__ import annotations

import json
import logging
import stat
from pathlib import Path

import pytest

from overlaykit.errors import StateError, UserError
from overlaykit.model.settings import Secret
from overlaykit.runtime.secrets import SECRETS_FILE, KeptSecrets

WHO = ("channel", "douyin", "secret")


def test_what_one_process_keeps_another_knows_with_its_next_question(tmp_path: Path) -> None:
    web, gateway = KeptSecrets(tmp_path, {}), KeptSecrets(tmp_path, {})
    assert (gateway.find(*WHO), gateway.origin(*WHO)) == (None, None)
    web.keep(*WHO, "first")
    assert (gateway.find(*WHO), gateway.origin(*WHO)) == (Secret("first"), "kept")
    gateway.keep("webhook", "crm", "secret", "whsec_1")
    web.keep(*WHO, "other")
    assert gateway.find(*WHO) == Secret("other"), "of the same length"
    assert web.find("webhook", "crm", "secret") == Secret("whsec_1"), "nobody's is lost"
    web.keep(*WHO, None)
    assert gateway.find(*WHO) is None
    assert gateway.find("webhook", "crm", "secret") is not None


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    KeptSecrets(tmp_path, {}).keep(*WHO, "first")
    assert stat.S_IMODE((tmp_path / SECRETS_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [SECRETS_FILE]


def test_the_environment_comes_first_and_is_not_written_over(tmp_path: Path) -> None:
    KeptSecrets(tmp_path, {}).keep(*WHO, "kept")
    secrets = KeptSecrets(tmp_path, {"CHANNEL_DOUYIN_SECRET": "set"})
    assert (secrets.find(*WHO), secrets.origin(*WHO)) == (Secret("set"), "environment")
    with pytest.raises(UserError, match="environment sets the secret") as caught:
        secrets.keep(*WHO, "new")
    assert "OVERLAYKIT_SECRET_CHANNEL_DOUYIN_SECRET" in (caught.value.remedy or "")


def test_a_file_that_is_damaged_later_takes_nothing_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / SECRETS_FILE).write_text(json.dumps({".".join(WHO): "kept"}), encoding="utf-8")
    secrets = KeptSecrets(tmp_path, {})
    (tmp_path / SECRETS_FILE).write_text('{"channel.douyin.secret": 5', encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        assert secrets.find(*WHO) == Secret("kept")
        assert secrets.find(*WHO) == Secret("kept")
    assert len(caplog.records) == 1, "it is said once"
    assert "kept" not in caplog.text.replace(SECRETS_FILE, "")
    with pytest.raises(StateError, match="damaged"):
        secrets.keep(*WHO, "new")
    with pytest.raises(StateError, match="damaged"):
        KeptSecrets(tmp_path, {})
