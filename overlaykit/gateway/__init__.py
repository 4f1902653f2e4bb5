"""What leaves the room and what comes from platforms: messages delivered, chats listened to, sources polled.

One task for each target, so that a slow one keeps nobody waiting; connectors run in threads of their own, so that one that
blocks stops itself alone. asyncio.
"""

from overlaykit.gateway.run import run_gateway

__all__ = ["run_gateway"]
