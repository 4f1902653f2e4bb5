"""`overlaykit theme preview`: one theme on one page, without a room, while its author changes it."""

from overlaykit.web.preview.app import create_preview
from overlaykit.web.preview.serving import serve_preview

__all__ = ["create_preview", "serve_preview"]
