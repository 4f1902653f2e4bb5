"""A relay: a public inbox for the webhooks of a room that nobody reaches from outside."""

from overlaykit.web.relay.app import create_relay
from overlaykit.web.relay.keeping import RelayKeeping
from overlaykit.web.relay.messages import MessageFile
from overlaykit.web.relay.serving import serve_relay

__all__ = ["MessageFile", "RelayKeeping", "create_relay", "serve_relay"]
