"""The stock engine: everything a room can do to stock, decided by one script per call, atomically.

`encoding` turns commands into a call's arguments and `engine` sends them; `lua/` holds the script, one file per operation.
Nothing else writes stock or the ledger.
"""

from overlaykit.stock.directory import SessionDirectory, SessionRecord
from overlaykit.stock.encoding import Encoded
from overlaykit.stock.engine import CALL_AT_MOST, AsyncStockEngine, CallPipeline, StockEngine
from overlaykit.stock.keys import lease_key, ledger_stream_key, recorders_key
from overlaykit.stock.state import Head

__all__ = [
    "CALL_AT_MOST",
    "AsyncStockEngine",
    "CallPipeline",
    "Encoded",
    "Head",
    "SessionDirectory",
    "SessionRecord",
    "StockEngine",
    "lease_key",
    "ledger_stream_key",
    "recorders_key",
]
