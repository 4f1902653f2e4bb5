"""Macros for what stands still: QR codes and the theme's own files."""

from __future__ import annotations

import segno
from markupsafe import Markup, escape

from overlaykit.errors import ThemeError
from overlaykit.theming.ui.base import Base

MAX_CODES = 32
"""Codes that are kept drawn: one takes milliseconds."""
MAX_TEXT = 600
"""Bytes. A code with more has points too small for a phone that looks at a screen."""


class Codes(Base):
    """Files and codes."""

    def qr(self, text: str, *, label: str | None = None) -> Markup:
        """A QR code as SVG, dark on light with its quiet margin. `label` is what it is for, for those who do not see it."""
        if not isinstance(text, str) or not text:
            raise ThemeError(f"ui.qr needs a text, not {text!r}", remedy="Give it an address, such as options.address.")
        size = len(text.encode())
        if size > MAX_TEXT:
            raise ThemeError(
                f"ui.qr was given {size} bytes; at most {MAX_TEXT} can be scanned from a screen",
                remedy="Use a short address.",
            )
        drawing = self._codes.get(text)
        if drawing is None:
            if len(self._codes) >= MAX_CODES:
                self._codes.clear()
            drawing = self._codes[text] = _draw(text)
        named = escape(label if label is not None else text)
        return Markup(f'<span class="ok-qr" role="img" aria-label="{named}">{drawing}</span>')

    def asset(self, path: str) -> str:
        """The URL of a file of the theme, such as ui.asset('img/star.svg')."""
        return self._asset(path)


def _draw(text: str) -> Markup:
    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None))
