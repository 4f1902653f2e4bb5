"""Colours as numbers: reading them from CSS, laying one over another, and their contrast as WCAG 2 defines it."""

from __future__ import annotations

import re
from typing import NamedTuple

_NAMED = {
    "white": "#ffffff",
    "black": "#000000",
    "red": "#ff0000",
    "yellow": "#ffff00",
    "lime": "#00ff00",
    "green": "#008000",
    "blue": "#0000ff",
    "gray": "#808080",
    "grey": "#808080",
    "orange": "#ffa500",
    "gold": "#ffd700",
    "silver": "#c0c0c0",
    "navy": "#000080",
}


class Colour(NamedTuple):
    """sRGB from 0 to 255, and opacity from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, below: Colour) -> Colour:
        """This colour as it looks on the opaque colour `below`."""
        rest = 1 - self.alpha
        return Colour(*(here * self.alpha + there * rest for here, there in zip(self[:3], below[:3], strict=True)))

    def luminance(self) -> float:
        """Relative luminance, 0 (black) to 1 (white)."""
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in (self.red / 255, self.green / 255, self.blue / 255)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


WHITE, BLACK = Colour(255, 255, 255), Colour(0, 0, 0)


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio of two opaque colours, 1 to 21."""
    high, low = sorted((one.luminance(), other.luminance()), reverse=True)
    return (high + 0.05) / (low + 0.05)


def read_colour(text: str) -> Colour | None:
    """A colour written as #rgb(a), #rrggbb(aa), rgb(), rgba() or by a usual name; None for anything else."""
    text = _NAMED.get(text.strip().lower(), text.strip().lower())
    if found := re.fullmatch(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", text):
        digits = found[1] if len(found[1]) > 4 else "".join(digit * 2 for digit in found[1])
        parts = [int(digits[at : at + 2], 16) for at in range(0, len(digits), 2)]
        return Colour(parts[0], parts[1], parts[2], parts[3] / 255 if len(parts) == 4 else 1.0)
    if found := re.fullmatch(r"rgba?\(([^()]*)\)", text):
        numbers = re.findall(r"[\d.]+%?", found[1])
        if len(numbers) in (3, 4):
            red, green, blue = (_share(each, 255) for each in numbers[:3])
            return Colour(red, green, blue, _share(numbers[3], 1) if len(numbers) == 4 else 1.0)
    return None


def _share(text: str, whole: float) -> float:
    return min(float(text[:-1]) / 100 * whole if text.endswith("%") else float(text), whole)
