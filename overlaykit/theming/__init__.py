"""Themes: the manifest, the sandbox templates run in, and rendering a board to markup. Pure: no web, no clock."""

from overlaykit.theming.builtin_options import BUILTIN_OPTIONS
from overlaykit.theming.environment import TEMPLATE_NAMES
from overlaykit.theming.formats import Formats
from overlaykit.theming.inheritance import read_manifest
from overlaykit.theming.kept import KeptThemes
from overlaykit.theming.manifest import NEEDS, Manifest
from overlaykit.theming.options import ImagePath, is_https
from overlaykit.theming.parts import LiveParts, Rendered
from overlaykit.theming.picture import Picture, open_picture
from overlaykit.theming.subject import Selector, next_of, subject_of
from overlaykit.theming.theme import Layout, LoadedTheme, find_theme, load_theme

__all__ = [
    "BUILTIN_OPTIONS",
    "NEEDS",
    "TEMPLATE_NAMES",
    "Formats",
    "ImagePath",
    "KeptThemes",
    "Layout",
    "LiveParts",
    "LoadedTheme",
    "Manifest",
    "Picture",
    "Rendered",
    "Selector",
    "find_theme",
    "is_https",
    "load_theme",
    "next_of",
    "open_picture",
    "read_manifest",
    "subject_of",
]
