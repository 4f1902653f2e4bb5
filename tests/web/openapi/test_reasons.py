"""Whatever the engine may answer is explained to those who write programs against it."""

from __future__ import annotations

import re
from importlib.resources import files

from overlaykit.web.openapi.description import describe
from overlaykit.web.openapi.reasons import QUARANTINED, REASONS

WORDS = """
accept as_of asked attempts available buyer cause closed closes_after committed count due early excess expected expires_at extend
fenced held hold_seconds hold_token incoming jump lines now open opens_at oversold pending per presale_limit quarantined released
restock returned ship_by sku split unconfirmed
"""
"""What the engine's contract writes in code type and is no reason."""


def test_each_reason_of_the_engines_contract_is_explained() -> None:
    contract = files("overlaykit.stock").joinpath("README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`", contract))
    assert len(named & set(REASONS)) > 20
    assert named - set(re.findall(r"\w+", WORDS)) - set(REASONS) - set(QUARANTINED) == set()


def test_the_description_lists_them() -> None:
    outcome = describe()["components"]["schemas"]["Outcome"]["properties"]
    assert all(f"- `{name}`: " in outcome["reason"]["description"] for name in REASONS)
    assert "- `cancelled`: " in outcome["quarantined"]["description"]
