"""What an overlay's address asks for, read and checked. The page and its socket take the same query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from overlaykit.errors import UserError
from overlaykit.model.sessions import SessionPlan
from overlaykit.store import overlay_query
from overlaykit.theming import Selector

OPTION = "option."
NAMES = ("token", "session", "sku", "link", "product", "channel", "region", "theme", "locale")


class OverlayQuery(NamedTuple):
    """An overlay's address: hashable, so that pages that ask for the same share one view.

    session   an id, or `current`: then the page follows whichever session is current
    theme, locale   None: the plan's
    options   (key, text) pairs, sorted
    """

    layout: str
    session: str = "current"
    selector: Selector = Selector()
    channel: str | None = None
    region: str | None = None
    theme: str | None = None
    locale: str | None = None
    options: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """All of it in one line, without the token: the same for addresses that show the same."""
        chosen, link = self.selector, self.selector.link
        given = {
            "session": self.session,
            "sku": chosen.sku,
            "link": None if link is None else str(link),
            "product": chosen.product,
            "channel": self.channel,
            "region": self.region,
            "theme": self.theme,
            "locale": self.locale,
            **{OPTION + name: value for name, value in self.options},
        }
        return overlay_query(self.layout, [(name, value or "") for name, value in given.items()])


def stream_delay_of(plan: SessionPlan, channel: str | None) -> int:
    """Milliseconds by which the viewers of a channel see a picture of it late; 0 for a picture of the whole room."""
    return next((round(each.stream_delay * 1000) for each in plan.channels if each.name == channel), 0)


def read_query(layout: str, given: Mapping[str, str]) -> OverlayQuery:
    """Raises UserError that names the parameters there are."""
    options = {}
    for name in given:
        if name.startswith(OPTION):
            options[name.removeprefix(OPTION)] = given[name]
        elif name not in NAMES:
            raise UserError(
                f"画面网址没有参数 {name!r} / an overlay's address has no parameter {name!r}",
                remedy=f"参数有：{', '.join(NAMES)}，以及主题选项 option.名称。 / "
                f"Parameters: {', '.join(NAMES)}, and option.KEY for an option of the theme.",
            )
    found = {name: given[name] for name in NAMES if given.get(name)}
    chosen = [name for name in ("sku", "link", "product") if name in found]
    if len(chosen) > 1:
        raise UserError(
            f"一个画面只能显示一件商品，不能同时写 {' 和 '.join(chosen)} / "
            f"an overlay is about one item, not {' and '.join(chosen)}",
            remedy="只留一个。 / Leave all but one out.",
        )
    link = found.get("link")
    if link is not None and not (link.isascii() and link.isdigit() and len(link) <= 4):
        raise UserError(
            f"link={link!r} 不是链接号 / link={link!r} is not a link number",
            remedy="写主播说的号：link=3。 / Write the number the presenter says: link=3.",
        )
    return OverlayQuery(
        layout=layout,
        session=found.get("session", "current"),
        selector=Selector(
            sku=found.get("sku"), link=int(link) if link is not None else None, product=found.get("product")
        ),
        channel=found.get("channel"),
        region=found.get("region"),
        theme=found.get("theme"),
        locale=found.get("locale"),
        options=tuple(sorted(options.items())),
    )
