"""`ui` in a template: the live elements. Each writes plain markup; the page's own elements draw and move it.

Every live element carries `data-key`, the sku and field it shows (`scarf.available`), taken from the board value it was
given, or from `key=` when the value was computed. The page tweens only between two values of one key. A number that
may be wrong says so in its markup: `stale`, `frozen`, `unknown`.
"""

from __future__ import annotations

from overlaykit.theming.ui.codes import Codes
from overlaykit.theming.ui.notices import unsaid_status
from overlaykit.theming.ui.walls import Walls


class Ui(Walls, Codes):
    """The macros of one picture. Templates hold it for as long as the picture is open; `scene` is what it shows now."""

    MACROS = (
        "number",
        "sold",
        "bar",
        "ring",
        "units",
        "countdown",
        "price",
        "regions",
        "badge",
        "moment",
        "announcement",
        "announcements",
        "status",
        "heatmap",
        "ticker",
        "product_card",
        "spotlight",
        "next_items",
        "qr",
        "asset",
    )


__all__ = ["Ui", "unsaid_status"]
