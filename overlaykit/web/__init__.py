"""The HTTP edge: API, board feed, pages and overlays, in Flask on gevent's server.

Stateless: whatever it shows is folded from the ledger, whatever it is told goes through the stock engine. Several may run.
The process that serves it must call `gevent.monkey.patch_all()` before it imports anything else.
"""

from overlaykit.web.app import create_app
from overlaykit.web.serve import serve
from overlaykit.web.services import Services

__all__ = ["Services", "create_app", "serve"]
