"""Texts from elsewhere as CSS values: whatever they hold, they end where the value ends."""

from __future__ import annotations

import re


def css_string(text: str) -> str:
    """`text` as a quoted CSS string. Nothing in it can end the string, the declaration or a `<style>` element."""
    return '"' + re.sub(r"[^\w \-.,:/%]", lambda found: f"\\{ord(found[0]):x} ", text) + '"'


def css_url(url: str) -> str:
    """`url` as a CSS image; `none` when it is empty."""
    return f"url({css_string(url)})" if url else "none"
