"""The path of what platforms tell, from raw bytes to facts: web receives with it, the gateway counts with it.

Free of Flask and of asyncio: it is called from both.
"""

from overlaykit.inbox.addresses import Addresses, Recipient
from overlaykit.inbox.apps import App, apps_of
from overlaykit.inbox.keeping import Keeping, StoreKeeping
from overlaykit.inbox.receiving import Answer, Refusal, receive

__all__ = ["Addresses", "Answer", "App", "Keeping", "Recipient", "Refusal", "StoreKeeping", "apps_of", "receive"]
