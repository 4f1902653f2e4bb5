"""What a preview tells its controls: the theme, what open pages load once, what is wrong, how far a sample has been played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from overlaykit.errors import OverlaykitError
from overlaykit.theming import LoadedTheme, Picture
from overlaykit.theming.states import STATE_LOCALES, STATE_NAMES
from overlaykit.web.preview.scene import Scene


def describe(theme: LoadedTheme) -> dict[str, object]:
    """What the controls are built of: another theme of the same description leaves them as they are."""
    titled = {locale: theme.titled(locale) for locale in STATE_LOCALES}
    layouts = [
        {"name": name, "size": layout.size, "title": {locale: found[name].title for locale, found in titled.items()}}
        for name, layout in theme.layouts.items()
    ]
    return {
        "id": theme.id,
        "name": theme.manifest.name,
        "folder": str(theme.folder),
        "layouts": layouts,
        "options": {name: msgspec.to_builtins(option) for name, option in theme.manifest.options.items()},
    }


def about(theme: LoadedTheme, scene: Scene, samples: Sequence[str]) -> bytes:
    """The theme, and everything that can be chosen."""
    return _json({"type": "theme", **describe(theme), "scene": scene, "states": STATE_NAMES, "samples": samples})


def look(pictures: Mapping[str, Picture], lang: str, files_url: str) -> bytes:
    """What a page loads once, for pages that are open. `files_url`: where the theme's files are now."""
    layouts = {
        name: {
            "sheets": [f"{files_url}/{style}" for style in picture.styles],
            "style": f"{picture.font_faces}:root{{{picture.css_variables}}}",
            "note": picture.status_word("updating"),
            "motion": picture.options["motion"],
            "safe": picture.options["safe"],
        }
        for name, picture in pictures.items()
    }
    return _json({"type": "look", "lang": lang, "layouts": layouts})


def errors(found: Sequence[tuple[str | None, OverlaykitError]]) -> bytes:
    """What is wrong, layout by layout; None: the theme as a whole."""
    told = [{"layout": layout, "message": error.message, "remedy": error.remedy} for layout, error in found]
    return _json({"type": "errors", "errors": told})


def progress(share: float) -> bytes:
    """How much of the sample has been played, 0 to 1."""
    return _json({"type": "progress", "share": share})


_json = msgspec.json.encode
