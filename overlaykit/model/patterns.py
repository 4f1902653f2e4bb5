"""Patterns of skus: `*` for any characters, `?` for one."""

from __future__ import annotations

import re


def sku_pattern(pattern: str) -> re.Pattern[str]:
    """A sku, or a pattern with * for any characters and ? for one, as a regular expression for `fullmatch`."""
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(sign) or re.escape(sign) for sign in pattern), re.DOTALL)
