"""What is said in states for which a script has no line: there is nothing to sell. Templates, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from overlaykit.plan import Words

_EN = "{% if item.link is not none %}Link {{ item.link }}: {% endif %}{{ item.title }}"
_ZH = "{% if item.link is not none %}{{ item.link }} 号链接，{% endif %}{{ item.title }}"
_OF_ITEM = "{% if item is not none and session.status != 'closed' %}"

LINES: Mapping[str, Words] = {
    "upcoming": Words(
        _OF_ITEM + _EN + " is not on sale yet; I will say when.{% else %}We begin soon.{% endif %}",
        _OF_ITEM + _ZH + "还没开卖，先加购，开卖我喊大家。{% else %}马上开播，先点个关注。{% endif %}",
    ),
    "closed": Words(
        _OF_ITEM + _EN + " is not for sale any more.{% else %}That was it for today, thank you!{% endif %}",
        _OF_ITEM + _ZH + "已经下架了。{% else %}今天就到这里，谢谢大家！{% endif %}",
    ),
    "idle": Words("What would you like to see? Write it in the chat.", "想看哪一款，打在公屏上。"),
}
