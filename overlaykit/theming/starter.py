"""What `theme new` writes: a small theme that is worth reading, and its child when it extends another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from overlaykit.errors import ThemeError
from overlaykit.theming.manifest import ID, say_known

_HEAD = """\
# A theme is this folder: theme.toml, templates, style sheets. themes/README.md says what everything means.
# 主题就是这个文件夹：theme.toml、模板和样式表。
id = "{name}"                 # as the folder is called
name = "{title}"
version = "0.1.0"
{extends}requires = {{ overlaykit = ">=0.1", chromium = 103 }}
styles = ["style.css"]
"""
_EXTENDS = 'extends = "{parent}"          # what is not here is taken from there\n'
_LAYOUT = """
[layouts.{layout}]
template = "{layout}.html"
title = {{ zh-CN = "{zh}", en = "{en}" }}
size = ["1080x1920", "1920x1080"]
needs = ["item"]              # nothing is shown while nothing is on air, so `item` is always there
"""
_OPTIONS = """
# Operators set it in session.toml or in the address: ?option.accent=%23e4002b
[options.accent]
type = "color-rrggbb"
default = "{accent}"
label = { zh-CN = "主色", en = "Accent colour" }
"""
_STOCK_ZH = """\
left = "剩余"
sold_out = "已售罄"
upcoming = "即将开售"
presale = "预售"
closed = "已结束"
"""
_STOCK_EN = """\
left = "Left"
sold_out = "Sold out"
upcoming = "Coming up"
presale = "Pre-order"
closed = "Ended"
"""
_COMING_ZH = """\
next = "下一款"
last_item = "这是最后一款"
"""
_COMING_EN = """\
next = "Next"
last_item = "This is the last item"
"""

_STOCK = """\
{# What is left, as a number or as the word of its state. Macros know _, ui and options; the rest is passed to them. #}
{% macro stock(item) %}
  {% set goods = item.drop or item %}
  {% if item.state in ('sold_out', 'upcoming', 'presale', 'closed') %}
  <b class="word">{{ _(item.state) }}</b>
  {% else %}
  <span class="say">{{ _('left') }}</span> <b class="figure">{{ ui.number(goods.available) }}</b>
  {% endif %}
{% endmacro %}
"""
_NUMBER = """\
{% import 'parts.html' as parts %}
{# data-key: another item is another node, so it enters anew instead of changing its words. #}
<section class="box number {{ item.state }}" data-key="{{ item.sku }}">
  <p class="title">{{ item.title }}</p>
  <p class="stock">{{ parts.stock(item) }}</p>
  {{ ui.status() }}
</section>
"""
_CARD = """\
{% import 'parts.html' as parts %}
<section class="box card {{ item.state }}" data-key="{{ item.sku }}">
  {% if item.image %}<img class="photo" src="{{ item.image }}" alt="">{% endif %}
  <div class="text">
    <p class="title">{{ item.title }}</p>
    {# The price of an open drop comes first. None is written as nothing. #}
    <p class="price">{{ ui.price((item.drop.price if item.drop else none) or item.price, was=item.list_price) }}</p>
    <p class="stock">{{ parts.stock(item) }}</p>
    {{ ui.bar((item.drop or item).remaining) }}
    {{ ui.status() }}
  </div>
</section>
"""
_NEXT = """\
{# `next` may be None while `item` is there: whatever `needs` does not name has to be guarded. #}
<section class="box coming">
  {% if next %}
  <p class="say">{{ _('next') }}</p>
  <p class="title" data-key="next.{{ next.sku }}">{{ next.title }}</p>
  <p class="price">{{ ui.price(next.price) }}</p>
  {% else %}
  <p class="say">{{ _('last_item') }}</p>
  {% endif %}
</section>
"""
_STYLE = """\
/* 1vmin is the same in 1080×1920 and 1920×1080, so every size is a multiple of it. The page is transparent. */
:root { --accent: var(--option-accent); --ink: #ffffff; --box: rgb(16 18 24 / 88%); }
#overlay { color: var(--ink); font-size: 3.4vmin; line-height: 1.3; }
#overlay p { margin: 0; }

/* Safe areas: where a platform puts its own buttons (?option.safe=douyin), nothing of ours should be. */
.box {
  position: absolute; left: calc(4vmin + var(--safe-left)); bottom: calc(6vmin + var(--safe-bottom));
  max-width: calc(100% - 8vmin - var(--safe-left) - var(--safe-right)); box-sizing: border-box;
  padding: 2vmin 3vmin; border-left: 1vmin solid var(--accent); border-radius: 1.2vmin; background: var(--box); color: #ffffff;
  animation: enter var(--motion-enter) var(--motion-ease) both; /* once, when it enters; nothing loops */
}
/* ?option.motion=calm|normal|bold: durations and --motion-scale follow it. */
@keyframes enter { from { opacity: 0; transform: translateY(calc(2vmin * var(--motion-scale))); } }

.title { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; }
.stock { white-space: nowrap; }
.figure { font-size: 9vmin; line-height: 1.1; transition: color var(--motion-change); }
.word { font-size: 6vmin; }
/* The state of the item is a class. A transition shows the change by itself. */
.low .figure { color: #ffc247; }
.critical .figure { color: #ff7a6b; }
ok-status { color: #ffc247; font-size: 2.8vmin; }
"""
_CARD_STYLE = """
.card { display: flex; gap: 3vmin; width: 78vmin; }
.card .text { flex: 1; min-width: 0; }
.card .photo { width: 22vmin; height: 22vmin; object-fit: cover; border-radius: 1vmin; }
.card .title { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; white-space: normal; }
.card .figure { font-size: 6vmin; }
.price { font-size: 4.6vmin; font-weight: 700; }
.ok-price-was { margin-left: 0.5em; font-size: 0.6em; opacity: 0.8; }
ok-bar { --bar-fill: var(--accent); --bar-low: #ffc247; --bar-critical: #ff7a6b; height: 1.4vmin; margin-top: 1vmin; }
.sold_out ok-bar, .closed ok-bar, .upcoming ok-bar { display: none; }
"""
_NEXT_STYLE = """
.coming { max-width: 60vmin; }
.coming .say { font-size: 2.8vmin; }
"""
_CHILD_STYLE = """\
/* The parent's style sheets are loaded first: here stands what is different. */
:root { --ink: #fff6e8; }
"""

LAYOUTS: Mapping[str, tuple[str, str]] = {
    "number": ("剩余件数", "Units left"),
    "card": ("商品卡", "Product card"),
    "coming": ("下一款", "Coming next"),
}
"""Layouts that `theme new` can write: title in Chinese and English."""
_TEMPLATES = {"number": _NUMBER, "card": _CARD, "coming": _NEXT}


def starter_files(
    name: str, *, layouts: Sequence[str] = ("number", "card"), extends: str | None = None
) -> dict[str, str]:
    """The files of a new theme, path → text. With `extends` only what differs from the parent.

    Raises ThemeError for a name that no theme may have, and for layouts that are not known.
    """
    if not re.fullmatch(ID, name):
        raise ThemeError(
            f"{name!r} cannot be a theme's name",
            remedy="Use small letters, digits, - and _, such as autumn-sale; it stands in addresses.",
        )
    unknown = [layout for layout in layouts if layout not in LAYOUTS]
    if unknown:
        raise ThemeError(
            f"theme new has no layout {unknown[0]!r}", remedy=say_known("layouts", list(LAYOUTS), unknown[0])
        )
    title = name.replace("-", " ").replace("_", " ").title()
    head = _HEAD.format(name=name, title=title, extends=_EXTENDS.format(parent=extends) if extends else "")
    if extends:
        return {"theme.toml": head, "style.css": _CHILD_STYLE}
    manifest = head
    for layout in layouts:
        zh, en = LAYOUTS[layout]
        manifest += _LAYOUT.format(layout=layout, zh=zh, en=en)
    manifest += _OPTIONS.replace("{accent}", "#e4002b") + _words(layouts)
    style = _STYLE
    files = {"theme.toml": manifest}
    if {"number", "card"} & set(layouts):
        files["parts.html"] = _STOCK
    for layout in layouts:
        files[f"{layout}.html"] = _TEMPLATES[layout]
    style += _CARD_STYLE if "card" in layouts else _PRICE_STYLE if "coming" in layouts else ""
    files["style.css"] = style + (_NEXT_STYLE if "coming" in layouts else "")
    return files


_PRICE_STYLE = """
.price { font-size: 4.6vmin; font-weight: 700; }
.ok-price-was { margin-left: 0.5em; font-size: 0.6em; opacity: 0.8; }
"""


def _words(layouts: Sequence[str]) -> str:
    """The strings that these layouts use."""
    stock, coming = bool({"number", "card"} & set(layouts)), "coming" in layouts
    zh = (_STOCK_ZH if stock else "") + (_COMING_ZH if coming else "")
    en = (_STOCK_EN if stock else "") + (_COMING_EN if coming else "")
    return f"\n[strings.zh-CN]\n{zh}\n[strings.en]\n{en}"
