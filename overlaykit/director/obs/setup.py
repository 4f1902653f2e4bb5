"""From what an OBS has to what a plan wants: the steps in between. Pure; `survey.py` looks at OBS and takes the steps."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from msgspec import Struct

from overlaykit.director.obs.wanted import HOME_SCENE, Overlay, Wanted

BROWSER = "browser_source"
TEXT_KINDS = ("text_gdiplus", "text_ft2_source")
"""Kinds of text sources without their version, the first that an OBS has being used: Windows', and that of the others."""
_OUTLINES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "text_gdiplus": {"outline": True, "outline_size": 4, "outline_color": 0},
        "text_ft2_source": {"outline": True},
    }
)
_FACES = {"windows": "Microsoft YaHei", "macos": "PingFang SC", "osx": "PingFang SC"}
_LINUX_FACE = "Noto Sans CJK SC"
"""Fonts with Chinese: OBS takes the glyphs of a text from one font alone."""
_LETTER, _LINE = 0.06, 1.8
"""How large new texts are, as a share of the canvas's shorter side, and how far apart, as a multiple of that."""
_LEFT, _TOP, _TOP_UPRIGHT = 0.05, 0.05, 0.26
"""Where the first begins, as shares of the canvas: where bundled themes leave room, and upright below what apps lay over it."""


class Input(NamedTuple):
    """A source with settings. `kind` is without its version; `settings` are known of browser sources."""

    kind: str
    settings: Mapping[str, Any] = {}


class Found(Struct, frozen=True, kw_only=True):
    """What an OBS has.

    platform      windows, macos, or the name of a Linux
    kinds         kinds of sources that it can make, with their versions
    groups        names of groups, which can be shown and hidden like sources
    filters       source → its filters, of the sources that were asked for
    """

    version: str
    websocket: str
    platform: str
    width: int
    height: int
    scenes: tuple[str, ...]
    inputs: Mapping[str, Input]
    kinds: tuple[str, ...]
    groups: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = {}
    transitions: tuple[str, ...] = ()

    def has(self, source: str) -> bool:
        """Whether something of this name can be a scene's item."""
        return source in self.inputs or source in self.scenes or source in self.groups


class MakeScene(Struct, frozen=True):
    """A new, empty scene."""

    scene: str


class Nest(Struct, frozen=True):
    """The scene `inner` as a source of the new scene `scene`."""

    scene: str
    inner: str


class MakeInput(Struct, frozen=True, kw_only=True):
    """A new source in `scene`. `transform` places it, None where OBS puts it; `shown`: whether its eye is open."""

    scene: str
    source: str
    kind: str
    settings: Mapping[str, Any]
    transform: Mapping[str, Any] | None = None
    shown: bool = True


class SetInput(Struct, frozen=True):
    """Other settings of a source that exists; what is not named in them stays."""

    source: str
    settings: Mapping[str, Any]


Step = MakeScene | Nest | MakeInput | SetInput


class Differs(Struct, frozen=True):
    """A browser source that shows another address or size than wanted, and is not touched."""

    source: str
    settings: Mapping[str, Any]


class WrongKind(Struct, frozen=True):
    """The name of a wanted source is taken by a source, or scene, of another kind."""

    source: str
    kind: str
    wanted: str


class CannotMake(Struct, frozen=True):
    """This OBS cannot make such sources. `sources`: those that are wanted."""

    kind: str
    sources: tuple[str, ...]


class MakeYourself(Struct, frozen=True):
    """What the plan uses and only people can make. `kind`: source, filter or transition."""

    kind: str
    name: str
    by: str


Remark = Differs | WrongKind | CannotMake | MakeYourself


class Part(NamedTuple):
    """Something wanted. `kind`: scene, text, source, filter, transition or overlay; `exists`: None when OBS could not be asked;
    `by`: who names it."""

    kind: str
    name: str
    exists: bool | None
    by: str


class Setup(NamedTuple):
    """The steps to take, in order, and what people have to know or do."""

    steps: list[Step]
    remarks: list[Remark]

    @property
    def whole(self) -> bool:
        """Whether the OBS has everything that is wanted, as it is wanted."""
        return not self.steps and not self.remarks


def set_up(wanted: Wanted, found: Found, *, update: bool = False) -> Setup:
    """What to do so that `found` has what is wanted. What exists stays as it is; with `update` the browser sources of
    overlays get their address and size, and nothing else of them changes."""
    steps: list[Step] = []
    remarks: list[Remark] = []
    contents = [*_overlays(wanted.overlays, found, update, remarks), *_texts(wanted.texts, found, remarks)]
    home = HOME_SCENE in found.scenes
    if not home and any(isinstance(step, MakeInput) for step in contents):
        if HOME_SCENE in found.inputs:
            remarks.append(WrongKind(HOME_SCENE, found.inputs[HOME_SCENE].kind, "scene"))
            contents = [step for step in contents if isinstance(step, SetInput)]
        else:
            steps.append(MakeScene(HOME_SCENE))
            home = True
    steps += contents
    for scene in (*wanted.scenes, *filter(None, (wanted.safe_scene,))):
        if scene in found.scenes or (scene == HOME_SCENE and home):
            continue
        if scene in found.inputs:
            remarks.append(WrongKind(scene, found.inputs[scene].kind, "scene"))
            continue
        steps.append(MakeScene(scene))
        if home and scene not in (wanted.safe_scene, HOME_SCENE):
            steps.append(Nest(scene, HOME_SCENE))
    remarks += [MakeYourself(part.kind, part.name, part.by) for part in _by_hand(wanted, found) if not part.exists]
    return Setup(steps, remarks)


def parts_of(wanted: Wanted, found: Found | None) -> list[Part]:
    """Everything that is wanted, and whether it is there; `found` None: it is not known."""
    parts: list[Part] = []
    for scene in (*wanted.scenes, *filter(None, (wanted.safe_scene,))):
        parts.append(Part("scene", scene, None if found is None else scene in found.scenes, wanted.by[scene]))
    for source in wanted.texts:
        exists = None if found is None else _is_text(found.inputs.get(source))
        parts.append(Part("text", source, exists, wanted.by[source]))
    parts += _by_hand(wanted, found)
    for overlay in wanted.overlays:
        exists = None if found is None else bool(showing(overlay.layout, found))
        parts.append(Part("overlay", overlay.source, exists, f"layout {overlay.layout}"))
    return parts


def _by_hand(wanted: Wanted, found: Found | None) -> Iterator[Part]:
    """What only people can make."""
    for source in wanted.sources:
        yield Part("source", source, None if found is None else found.has(source), wanted.by[source])
    for source, name in wanted.filters:
        exists = None if found is None else name in found.filters.get(source, ())
        yield Part("filter", f"{source}: {name}", exists, wanted.by[name])
    for name in wanted.transitions:
        yield Part("transition", name, None if found is None else name in found.transitions, wanted.by[name])


def fitting_size(sizes: Sequence[str], width: int, height: int) -> tuple[int, int]:
    """Of a layout's picture sizes, such as 1080x1920, the one whose shape is most like the canvas, then the one nearest to
    its size. The canvas itself when the layout names none."""
    made_for = [(int(across), int(down)) for across, _, down in (size.partition("x") for size in sizes)]

    def distance(size: tuple[int, int]) -> tuple[float, float]:
        shape = abs(math.log(size[0] / size[1]) - math.log(width / height))
        return round(shape, 6), abs(math.log(size[0] * size[1]) - math.log(width * height))

    return min(made_for, key=distance, default=(width, height))


def unversioned(kind: str) -> str:
    """text_ft2_source of text_ft2_source_v2."""
    return re.sub(r"_v[0-9]+$", "", kind)


def showing(layout: str, found: Found) -> dict[str, Input]:
    """The browser sources that show an overlay of this layout, whatever they are called."""
    return {
        name: each for name, each in found.inputs.items() if each.kind == BROWSER and _layout(each.settings) == layout
    }


def _overlays(
    overlays: Sequence[Overlay], found: Found, update: bool, remarks: list[Remark]
) -> Iterator[MakeInput | SetInput]:
    absent: list[Overlay] = []
    new_home = HOME_SCENE not in found.scenes
    for overlay in overlays:
        there = showing(overlay.layout, found)
        if (named := found.inputs.get(overlay.source)) is not None and named.kind == BROWSER:
            there[overlay.source] = named
        for name, source in there.items():
            other = _other_settings(overlay, name, source.settings)
            if other and update:
                yield SetInput(name, other)
            elif other:
                remarks.append(Differs(name, other))
        if there:
            continue
        if found.has(overlay.source):
            taken = found.inputs.get(overlay.source)
            remarks.append(WrongKind(overlay.source, taken.kind if taken else "scene", BROWSER))
        elif BROWSER not in found.kinds:
            absent.append(overlay)
        else:
            # One alone is shown at first, and none in a scene that may be on air: whoever wants more opens its eye.
            shown = new_home and overlay is overlays[0]
            settings = {"url": overlay.url, "width": overlay.width, "height": overlay.height}
            yield MakeInput(
                scene=HOME_SCENE,
                source=overlay.source,
                kind=BROWSER,
                settings=settings,
                transform=_filling(overlay, found),
                shown=shown,
            )
    if absent:
        remarks.append(CannotMake(BROWSER, tuple(overlay.source for overlay in absent)))


def _texts(texts: Sequence[str], found: Found, remarks: list[Remark]) -> Iterator[MakeInput]:
    absent = []
    for source in texts:
        if not found.has(source):
            absent.append(source)
        elif not _is_text(taken := found.inputs.get(source)):
            remarks.append(WrongKind(source, taken.kind if taken else "scene", "text"))
    newest = {unversioned(kind): kind for kind in sorted(found.kinds, key=_version)}
    kind = next((name for name in TEXT_KINDS if name in newest), None)
    if absent and kind is None:
        remarks.append(CannotMake("text", tuple(absent)))
    top = found.height * (_TOP if found.width >= found.height else _TOP_UPRIGHT)
    for line, source in enumerate(absent if kind is not None else ()):
        yield MakeInput(
            scene=HOME_SCENE,
            source=source,
            kind=newest[kind or ""],
            settings={"text": source, "font": _font(found), **_OUTLINES[kind or ""]},
            transform={
                "positionX": round(found.width * _LEFT),
                "positionY": round(top + line * _LINE * _letter(found)),
            },
            shown=HOME_SCENE not in found.scenes,
        )


def _is_text(source: Input | None) -> bool:
    return source is not None and source.kind.startswith("text_")


def _font(found: Found) -> dict[str, Any]:
    face = _FACES.get(found.platform.lower(), _LINUX_FACE)
    return {"face": face, "style": "Regular", "size": _letter(found), "flags": 0}


def _letter(found: Found) -> int:
    """Pixels of a new text's letters."""
    return round(min(found.width, found.height) * _LETTER)


def _filling(overlay: Overlay, found: Found) -> Mapping[str, Any] | None:
    """A source of another size than the canvas fills it as far as its shape allows."""
    if (overlay.width, overlay.height) == (found.width, found.height):
        return None
    return {"boundsType": "OBS_BOUNDS_SCALE_INNER", "boundsWidth": found.width, "boundsHeight": found.height}


def _layout(settings: Mapping[str, Any]) -> str | None:
    """Which overlay's address a browser source has; None when it is none."""
    try:
        path = urlsplit(str(settings.get("url", ""))).path
    except ValueError:
        return None
    found = re.fullmatch(r"/overlay/([^/]+)", path)
    return unquote(found[1]) if found else None


def _other_settings(overlay: Overlay, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from what is wanted. The size of a source that people made under a name of their own is theirs."""
    other: dict[str, Any] = {}
    url = _readdressed(str(settings.get("url", "")), overlay)
    if url != settings.get("url") or settings.get("is_local_file"):
        other["url"] = url
    if settings.get("is_local_file"):
        other["is_local_file"] = False
    if name == overlay.source:
        for key, value in (("width", overlay.width), ("height", overlay.height)):
            if settings.get(key) != value:
                other[key] = value
    return other


def _readdressed(url: str, overlay: Overlay) -> str:
    """The address with the wanted server and token; what else was asked for in it, such as an item or options, stays."""
    if _layout({"url": url}) != overlay.layout:
        return overlay.url
    wanted, written = urlsplit(overlay.url), urlsplit(url)
    own = dict(parse_qsl(wanted.query))
    asked = [(key, text) for key, text in parse_qsl(written.query, keep_blank_values=True) if key not in own]
    if written[:3] == wanted[:3] and own.items() <= dict(parse_qsl(written.query)).items():
        return url
    return urlunsplit((*wanted[:3], urlencode([*own.items(), *asked]), ""))


def _version(kind: str) -> int:
    found = re.search(r"_v([0-9]+)$", kind)
    return int(found[1]) if found else 1
