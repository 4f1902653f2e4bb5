"""An item as the ledger's entries have made it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from overlaykit.model.entries import ItemQuotas
from overlaykit.model.sessions import Drop, Item, SessionPlan, opening_rows
from overlaykit.model.state import ShownUnits, StoredItem

NO_BUNDLES = (0, 0)
NO_QUOTAS = ItemQuotas()


class FoldedItem:
    """One item: what is planned of it, whether and how it is sold, its units, and what it shows while frozen.

    planned   the item as the plan says now
    sale, mode, ship_by   upcoming, open or closed; spot or presale; presale: the day it ships
    rows, owed, quotas, bundles   its true units, as in ShownUnits
    due       location → day on which incoming units come
    seq       the entry that changed it last
    """

    __slots__ = (
        "bundles",
        "due",
        "frozen",
        "frozen_at",
        "mode",
        "owed",
        "planned",
        "quotas",
        "rows",
        "sale",
        "seq",
        "ship_by",
    )

    def __init__(self, planned: Item, stored: StoredItem, seq: int) -> None:
        self.planned = planned
        self.sale = stored.sale
        self.mode: Literal["spot", "presale"] = stored.mode
        self.ship_by = stored.ship_by
        self.rows, self.owed, self.quotas, self.bundles = stored.units
        self.due = stored.due
        self.frozen_at, self.frozen = stored.frozen_at, stored.frozen
        self.seq = seq

    @property
    def units(self) -> ShownUnits:
        """The true units."""
        return ShownUnits(self.rows, self.owed, self.quotas, self.bundles)

    def stored(self) -> StoredItem:
        """As the store has it, apart from what is planned; it does not change with the item."""
        return StoredItem(
            sale=self.sale,
            mode=self.mode,
            ship_by=self.ship_by,
            units=ShownUnits(dict(self.rows), self.owed, self.quotas, self.bundles),
            due=dict(self.due),
            frozen_at=self.frozen_at,
            frozen=self.frozen,
        )

    def shown(self, freeze: int) -> ShownUnits:
        """What is shown: the true units, or those of the freeze with the seq `freeze`."""
        if freeze and self.frozen_at == freeze and self.frozen is not None:
            return self.frozen
        return self.units

    def keep_shown(self, freeze: int) -> None:
        """Before the first change after a freeze: keeps what is shown."""
        if freeze and self.frozen_at != freeze:
            self.frozen_at, self.frozen = freeze, self.units._replace(rows=dict(self.rows))


def begin_item(plan: SessionPlan, planned: Item, drops: Sequence[Drop]) -> StoredItem:
    """An item when it enters the session: its opening stock, its `drops` still to come."""
    return StoredItem(
        sale="open" if planned.on_sale else "upcoming",
        mode="spot",
        ship_by=None,
        units=ShownUnits(
            rows=opening_rows(plan, planned),
            owed=0,
            quotas=ItemQuotas(drops={each.name: (each.quantity, 0, 0, "pending") for each in drops})
            if drops
            else NO_QUOTAS,
            bundles=NO_BUNDLES,
        ),
        due={location: incoming.due for location, incoming in planned.incoming.items()},
    )
