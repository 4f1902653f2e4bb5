"""The stock engine in plain Python: one dictionary, no cleverness. What it says about a command is what the script must say.

It is written from the contract, not from the script: quantities are summed the slow way, and every rule stands once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from overlaykit.model import commands as c

BUCKETS = ("available", "held", "committed", "buffer", "damaged")


@dataclass
class Stock:
    """Units of one sku at one location."""

    available: int = 0
    held: int = 0
    committed: int = 0
    buffer: int = 0
    damaged: int = 0
    incoming: int = 0
    shipped: int = 0
    opening: int = 0

    @property
    def on_hand(self) -> int:
        return sum(getattr(self, bucket) for bucket in BUCKETS)

    def row(self) -> list[int]:
        return [
            self.on_hand,
            self.available,
            self.held,
            self.committed,
            self.buffer,
            self.damaged,
            self.incoming,
            self.shipped,
            self.opening,
        ]


@dataclass
class OrderLine:
    sku: str
    asked: int
    location: str | None
    region: str | None
    owed: int = 0
    owed_since: int = 0
    served: dict[str, int] = field(default_factory=dict)


@dataclass
class Order:
    name: str
    state: str
    expires: int
    lines: list[OrderLine]

    @property
    def bucket(self) -> str:
        return "committed" if self.state == "committed" else "held"


@dataclass
class Verdict:
    """What the model says of one command."""

    reason: str = ""
    oversold: dict[str, int] = field(default_factory=dict)
    excess: int = 0


class Model:
    """One session: `locations` name → regions served, in the plan's order; `stock` sku → location → Stock."""

    def __init__(
        self, locations: dict[str, tuple[str, ...]], stock: dict[str, dict[str, Stock]], *, split: bool, hold_ms: int
    ) -> None:
        self.locations = locations
        self.stock = stock
        self.split = split
        self.hold_ms = hold_ms
        self.sale = dict.fromkeys(stock, "open")
        self.orders: dict[str, Order] = {}
        self.status = "planned"
        self.now = 0
        self.seq = 1
        self.ids: set[str] = set()

    # What others read

    def totals(self, sku: str) -> dict[str, int]:
        return {
            name: sum(getattr(row, name) for row in self.stock[sku].values())
            for name in ("available", "held", "committed")
        }

    def owed(self, sku: str) -> int:
        return sum(line.owed for order in self.orders.values() for line in order.lines if line.sku == sku)

    # Commands

    def decide(self, command: c.Command) -> Verdict:
        """Applies a command that has not been seen before; afterwards `seq` is its entry's seq, or that of an output after it."""
        rule = getattr(self, "_" + type(command).__name__)
        verdict: Verdict = rule(command)
        self.seq += 1 + self._covered
        self._covered = 0
        return verdict

    _covered = 0

    def _SessionOpen(self, command: c.SessionOpen) -> Verdict:
        if self.status != "planned":
            return Verdict("wrong_state")
        self.status = "live"
        return Verdict()

    def _SessionClose(self, command: c.SessionClose) -> Verdict:
        if self.status == "closed":
            return Verdict("wrong_state")
        self.status = "closed"
        return Verdict()

    def _SessionFreeze(self, command: c.SessionFreeze) -> Verdict:
        if self.status != "live":
            return Verdict("wrong_state")
        self.status = "frozen"
        return Verdict()

    def _SessionThaw(self, command: c.SessionThaw) -> Verdict:
        if self.status != "frozen":
            return Verdict("wrong_state")
        self.status = "live"
        return Verdict()

    def _ItemOpen(self, command: c.ItemOpen) -> Verdict:
        return self._set_sale(command.sku, "open")

    def _ItemClose(self, command: c.ItemClose) -> Verdict:
        return self._set_sale(command.sku, "closed")

    def _set_sale(self, sku: str, sale: str) -> Verdict:
        if sku not in self.stock:
            return Verdict("unknown_sku")
        self.sale[sku] = sale
        return Verdict()

    def _OrderReserve(self, command: c.OrderReserve) -> Verdict:
        if self.status not in ("live", "frozen"):
            return Verdict("session_closed")
        if command.order in self.orders:
            return Verdict("duplicate_order")
        if wrong := self._wrong_lines(command.lines):
            return Verdict(wrong)
        if any(self.sale[line.sku] != "open" for line in command.lines):
            return Verdict("not_on_sale")
        lines = [OrderLine(line.sku, line.quantity, line.location, line.region) for line in command.lines]
        shares = self._serve_or_sweep(lines)
        if isinstance(shares, str):
            return Verdict(shares)
        hold = round(command.hold_seconds * 1000) if command.hold_seconds else self.hold_ms
        order = Order(command.order, "held", self.now + hold, lines)
        self.orders[order.name] = order
        self._take(order, shares)
        return Verdict()

    def _OrderCommit(self, command: c.OrderCommit) -> Verdict:
        order = self.orders.get(command.order)
        if order is None:
            return Verdict("unknown_order")
        if order.state == "held":
            self._pay(order)
        elif order.state == "expired":
            if self.status not in ("live", "frozen"):
                return Verdict("session_closed")
            shares = self._serve_or_sweep(order.lines)
            if isinstance(shares, str):
                return Verdict("expired")
            order.state = "committed"
            self._take(order, shares)
        else:
            return Verdict("wrong_state")
        return Verdict()

    def _OrderRelease(self, command: c.OrderRelease) -> Verdict:
        order = self.orders.get(command.order)
        if order is None:
            return Verdict("unknown_order")
        if order.state not in ("held", "committed"):
            return Verdict("nothing_left")
        bucket = order.bucket
        order.state = "released"
        self._give_back(order, bucket)
        return Verdict()

    def _OrderRecord(self, command: c.OrderRecord) -> Verdict:
        if wrong := self._wrong_lines(command.lines):
            return Verdict(wrong)
        order = self.orders.get(command.order)
        verdict = Verdict()
        if order is None:
            order = Order(command.order, "committed" if command.paid else "held", 0, [])
            self.orders[order.name] = order
            for asked in command.lines:
                line = OrderLine(asked.sku, asked.quantity, asked.location, asked.region)
                order.lines.append(line)
                self._take_fact(order, line, asked.quantity, verdict)
            return verdict
        if order.state == "released":
            return Verdict("wrong_state")
        if order.state == "expired":
            order.state = "committed" if command.paid else "held"
            for line in order.lines:
                self._take_fact(order, line, line.asked, verdict)
        elif command.paid and order.state == "held":
            self._pay(order)
        order.expires = 0
        wanted: dict[str, int] = {}
        for asked in command.lines:
            wanted[asked.sku] = wanted.get(asked.sku, 0) + asked.quantity
        had = {
            sku: sum(line.asked for line in order.lines if line.sku == sku)
            for sku in {line.sku for line in order.lines}
        }
        for sku, units in wanted.items():
            if units > had.get(sku, 0):
                like = [each for each in command.lines if each.sku == sku][-1]
                line = OrderLine(sku, units - had.get(sku, 0), like.location, like.region)
                order.lines.append(line)
                self._take_fact(order, line, line.asked, verdict)
            else:
                self._ask_less(order, sku, had.get(sku, 0) - units)
        for sku in had:
            if sku not in wanted:
                self._ask_less(order, sku, had[sku])
        return verdict

    def _StockCount(self, command: c.StockCount) -> Verdict:
        place, reason = self._place(command.sku, command.location)
        if place is None:
            return Verdict(reason)
        stock = self.stock[command.sku].get(place, Stock())
        stands = stock.available if command.basis == "available" else stock.on_hand
        if command.expected is not None and command.expected != stands:
            return Verdict("changed")
        self.stock[command.sku][place] = stock
        target = command.quantity
        if command.basis == "on_hand":
            target -= stock.buffer + stock.damaged
            if command.includes_open_orders:
                target -= stock.held + stock.committed
        missing = max(0, -target)
        rise = max(0, target) - stock.available
        for bucket in ("buffer", "damaged"):
            some = min(missing, getattr(stock, bucket))
            setattr(stock, bucket, getattr(stock, bucket) - some)
            missing -= some
        stock.available += rise
        if rise > 0:
            stock.opening += rise
            self._cover(command.sku, place)
        return Verdict(excess=missing)

    def _StockAdjust(self, command: c.StockAdjust) -> Verdict:
        place, reason = self._place(command.sku, command.location)
        if place is None:
            return Verdict(reason)
        stock = self.stock[command.sku].get(place, Stock())
        bucket = str(command.bucket)
        if getattr(stock, bucket) + command.delta < 0:
            return Verdict("insufficient")
        self.stock[command.sku][place] = stock
        setattr(stock, bucket, getattr(stock, bucket) + command.delta)
        if bucket == "available" and command.delta > 0:
            stock.opening += command.delta
            self._cover(command.sku, place)
        return Verdict()

    def _ItemFeature(self, command: c.ItemFeature) -> Verdict:
        return Verdict("unknown_sku" if isinstance(command.sku, str) and command.sku not in self.stock else "")

    def _CountdownSet(self, command: c.CountdownSet) -> Verdict:
        return Verdict("unknown_sku" if command.sku is not None and command.sku not in self.stock else "")

    def _AnnounceShow(self, command: c.AnnounceShow) -> Verdict:
        return Verdict("unknown_sku" if command.sku is not None and command.sku not in self.stock else "")

    def _AnnounceClear(self, command: c.AnnounceClear) -> Verdict:
        return Verdict()

    # Time

    def sweep(self) -> int:
        """Every due hold expires, at most 200, oldest deadline first; each is an entry of its own."""
        due = sorted(
            (order.expires, order.name) for order in self.orders.values() if order.state == "held" and order.expires
        )
        due = [each for each in due if each[0] <= self.now][:200]
        for _, name in due:
            order = self.orders[name]
            order.state = "expired"
            self._give_back(order, "held")
            self.seq += 1 + self._covered
            self._covered = 0
        return len(due)

    # Parts

    def _wrong_lines(self, lines: tuple[c.Line, ...]) -> str:
        for line in lines:
            if line.sku not in self.stock:
                return "unknown_sku"
            if line.location is not None and line.location not in self.locations:
                return "unknown_location"
        return ""

    def _place(self, sku: str, location: str | None) -> tuple[str | None, str]:
        if sku not in self.stock:
            return None, "unknown_sku"
        if location is None:
            return (next(iter(self.locations)), "") if len(self.locations) == 1 else (None, "unknown_location")
        return (location, "") if location in self.locations else (None, "unknown_location")

    def _places(self, line: OrderLine) -> list[str]:
        if line.location:
            return [line.location]
        return [name for name, regions in self.locations.items() if not line.region or line.region in regions]

    def _serve_or_sweep(self, lines: list[OrderLine]) -> list[dict[str, int]] | str:
        shares = self._serve(lines)
        if isinstance(shares, str) and self.sweep():
            shares = self._serve(lines)
        return shares

    def _serve(self, lines: list[OrderLine]) -> list[dict[str, int]] | str:
        left = {(sku, name): stock.available for sku, rows in self.stock.items() for name, stock in rows.items()}
        shares: list[dict[str, int]] = []
        for line in lines:
            places = self._places(line)
            whole = [name for name in places if left.get((line.sku, name), 0) >= line.asked]
            share: dict[str, int] = {}
            if whole:
                share[whole[0]] = line.asked
            elif self.split:
                for name in places:
                    share[name] = min(line.asked - sum(share.values()), left.get((line.sku, name), 0))
            if sum(share.values()) < line.asked:
                return "no_stock_in_region" if line.region else "sold_out"
            for name, units in share.items():
                left[line.sku, name] = left.get((line.sku, name), 0) - units
            shares.append(share)
        return shares

    def _move(self, order: Order, line: OrderLine, place: str, units: int) -> None:
        """available → the order's bucket."""
        stock = self.stock[line.sku][place]
        stock.available -= units
        setattr(stock, order.bucket, getattr(stock, order.bucket) + units)
        line.served[place] = line.served.get(place, 0) + units

    def _take(self, order: Order, shares: list[dict[str, int]]) -> None:
        for line, share in zip(order.lines, shares, strict=True):
            for place, units in share.items():
                if units:
                    self._move(order, line, place, units)

    def _take_fact(self, order: Order, line: OrderLine, units: int, verdict: Verdict) -> None:
        serving = self._places(line)
        others = [] if line.location else [name for name in self.locations if name not in serving]
        places = [name for name in serving + others if name in self.stock[line.sku]]
        whole = [name for name in places if self.stock[line.sku][name].available >= units]
        for place in whole[:1] or places:
            some = min(units, self.stock[line.sku][place].available)
            if some:
                self._move(order, line, place, some)
                units -= some
        if units:
            line.owed += units
            line.owed_since = self.seq + 1
            verdict.oversold[line.sku] = verdict.oversold.get(line.sku, 0) + units

    def _pay(self, order: Order) -> None:
        for line in order.lines:
            for place, units in line.served.items():
                stock = self.stock[line.sku][place]
                stock.held -= units
                stock.committed += units
        order.state = "committed"

    def _give_back(self, order: Order, bucket: str, sku: str | None = None, units: int | None = None) -> None:
        """Debt first, then pieces, last line first; then what came back covers debts of others."""
        left = 10**18 if units is None else units
        back: list[tuple[str, str, int]] = []
        for line in reversed(order.lines):
            if sku is not None and line.sku != sku:
                continue
            some = min(left, line.owed)
            line.owed -= some
            left -= some
            for place in list(line.served):
                some = min(left, line.served[place])
                if some:
                    line.served[place] -= some
                    stock = self.stock[line.sku][place]
                    setattr(stock, bucket, getattr(stock, bucket) - some)
                    back.append((line.sku, place, some))
                    left -= some
        for name, place, some in back:
            self.stock[name][place].available += some
            self._cover(name, place)

    def _ask_less(self, order: Order, sku: str, units: int) -> None:
        left = units
        for line in reversed(order.lines):
            if line.sku == sku:
                some = min(left, line.asked)
                line.asked -= some
                left -= some
        self._give_back(order, order.bucket, sku, units)

    def _cover(self, sku: str, place: str) -> None:
        """Units that entered available pay debts, the oldest first."""
        stock = self.stock[sku][place]
        debts = sorted(
            {
                (line.owed_since, order.name)
                for order in self.orders.values()
                for line in order.lines
                if line.sku == sku and line.owed
            }
        )
        for since, name in debts:
            order, paid = self.orders[name], 0
            for line in order.lines:
                if line.sku == sku and line.owed and line.owed_since == since:
                    some = min(line.owed, stock.available)
                    if some:
                        line.owed -= some
                        self._move(order, line, place, some)
                        paid += some
            self._covered += 1 if paid else 0
