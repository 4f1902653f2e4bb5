"""The stock engine: everything a room can do to stock, decided by one script per call, atomically.

`encoding` turns commands into a call's arguments and `engine` sends them; `lua/` holds the script, one file per operation.
Nothing else writes stock or the ledger.
"""

from overlaykit.stock.audit import OrderSums, Violation, check_items, check_orders
from overlaykit.stock.auditing import Auditor, Figures, Touch, last_touch
from overlaykit.stock.directory import SessionDirectory, SessionRecord
from overlaykit.stock.encoding import Encoded
from overlaykit.stock.engine import CALL_AT_MOST, AsyncStockEngine, CallPipeline, StockEngine
from overlaykit.stock.holds import HoldToken, OrderHead, hold_token, read_hold_token
from overlaykit.stock.keeping import Facts, Keeper, Recorded
from overlaykit.stock.keys import (
    DIRECTOR,
    decisions_key,
    fold_key,
    glances_key,
    inbox_key,
    lease_key,
    ledger_stream_key,
    outbox_key,
    overlays_key,
    recall_key,
    recorders_key,
)
from overlaykit.stock.reapplying import reapply
from overlaykit.stock.recorded import recorded_calls
from overlaykit.stock.seen import Lost, Seen
from overlaykit.stock.state import Head

__all__ = [
    "CALL_AT_MOST",
    "DIRECTOR",
    "AsyncStockEngine",
    "Auditor",
    "CallPipeline",
    "Encoded",
    "Facts",
    "Figures",
    "Head",
    "HoldToken",
    "Keeper",
    "Lost",
    "OrderHead",
    "OrderSums",
    "Recorded",
    "Seen",
    "SessionDirectory",
    "SessionRecord",
    "StockEngine",
    "Touch",
    "Violation",
    "check_items",
    "check_orders",
    "decisions_key",
    "fold_key",
    "glances_key",
    "hold_token",
    "inbox_key",
    "last_touch",
    "lease_key",
    "ledger_stream_key",
    "outbox_key",
    "overlays_key",
    "read_hold_token",
    "reapply",
    "recall_key",
    "recorded_calls",
    "recorders_key",
]
