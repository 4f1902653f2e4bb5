"""What the presenter is prompted to say where the plan does not say it: a line for each state, in the language of the session."""

from __future__ import annotations

_LINK_ZH = "{% if item.link is not none %}{{ item.link }} 号链接，{% endif %}"
_LINK_EN = "{% if item.link is not none %}Link {{ item.link }}: {% endif %}"
# Of a product whose other variants may have plenty, whoever names a number names whose it is.
_VARIANT_ZH = "{% if item.variant is not none %}{{ item.variant }} {% endif %}"
_VARIANT_EN = "{% if item.variant is not none %}{{ item.variant }}: {% endif %}"

_CHINESE = {
    "plenty": _LINK_ZH + "现货充足，喜欢的直接拍。",
    "presale": _LINK_ZH + "这款是预售{% if item.ship_by is not none %}，{{ item.ship_by | day }} 发货{% endif %}。",
    "next": "{% if next is not none %}下一款：{{ next.title }}。{% endif %}",
    "low": _LINK_ZH + _VARIANT_ZH + "库存不多了，还剩 {{ item.available | count }} 件。",
    "critical": _VARIANT_ZH + "最后 {{ item.available | count }} 件，手慢就没了！",
    "sold_out": "这款抢光了，谢谢大家！{% if next is not none %}接下来看{{ next.title }}。{% endif %}",
    "unknown": "库存正在核对，剩多少以下单页面为准。",
}
_ENGLISH = {
    "plenty": _LINK_EN + "plenty in stock, order now.",
    "presale": _LINK_EN
    + "this one is a presale{% if item.ship_by is not none %}, it ships on {{ item.ship_by | day }}{% endif %}.",
    "next": "{% if next is not none %}Next: {{ next.title }}.{% endif %}",
    "low": _LINK_EN + _VARIANT_EN + "not many left, {{ item.available | count }} to go.",
    "critical": "{% if item.variant is not none %}{{ item.variant }}: the{% else %}The{% endif %} last "
    "{{ item.available | count }}, be quick!",
    "sold_out": "Sold out, thank you!{% if next is not none %} Now comes {{ next.title }}.{% endif %}",
    "unknown": "We are checking the stock; the order page says what is left.",
}


def usual_script(locale: str) -> dict[str, str]:
    """State (plenty, presale, next, low, critical, sold_out, unknown) → what the presenter is prompted to say in the language of
    `locale`, a template."""
    return _CHINESE if locale.lower().startswith("zh") else _ENGLISH
