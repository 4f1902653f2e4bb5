"""A board's item as the plan describes it, before anything is said of how it stands."""

from __future__ import annotations

from urllib.parse import quote

from overlaykit.board.types import BoardItem
from overlaykit.model.sessions import Item


def described(session: str, planned: Item) -> BoardItem:
    """The item, upcoming and without units."""
    return BoardItem(
        sku=planned.sku,
        link=planned.link,
        product=planned.product,
        variant=planned.variant,
        title=planned.title,
        subtitle=planned.subtitle,
        price=planned.price,
        list_price=planned.list_price,
        image=_picture_url(session, planned.image),
        state="upcoming",
        on_air=False,
        available=0,
        opening=0,
        sold=0,
        held=0,
        oversold=0,
        remaining=0.0,
        heat="grey",
        stale=False,
        ship_by=None,
        countdown=None,
        drop=None,
        regions={},
        pace_per_minute=None,
        sells_out_at=None,
    )


def _picture_url(session: str, image: str | None) -> str | None:
    """A picture beside the plan has an address of ours; others have their own."""
    if image is None or image.startswith(("https://", "http://", "data:", "/")):
        return image
    return f"/media/{quote(session)}/{quote(image)}"
