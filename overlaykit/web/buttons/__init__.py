"""Buttons from outside: one action each, pressed by an address, made and revoked on a page of the desk."""

from overlaykit.web.buttons.actions import plain, read_action, unknown_name
from overlaykit.web.buttons.page import blueprint as page_blueprint
from overlaykit.web.buttons.press import blueprint as press_blueprint

__all__ = ["page_blueprint", "plain", "press_blueprint", "read_action", "unknown_name"]
