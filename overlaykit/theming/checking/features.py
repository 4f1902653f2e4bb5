"""CSS that is newer than the theme's Chromium, options that do not exist, what loads from elsewhere, endless motion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from overlaykit.theming.checking.css import Declaration, Prelude, Sheet
from overlaykit.theming.checking.findings import Finding
from overlaykit.theming.manifest import say_known
from overlaykit.theming.options import css_name
from overlaykit.theming.theme import LoadedTheme

MDN = "https://developer.mozilla.org/docs/Web/CSS/"
"""Where the versions come from: the compatibility table at the end of each page named below."""


class Feature(NamedTuple):
    """Something of CSS: the Chromium that had it first, how it is found, the page of MDN that says so, what to do instead."""

    name: str
    since: int
    pattern: str
    page: str
    instead: str


PROPERTIES = (
    Feature(
        "translate, rotate and scale as properties", 104, r"translate|rotate|scale", "translate", "Write transform."
    ),
    Feature("object-view-box", 104, r"object-view-box", "object-view-box", "Crop the picture itself."),
    Feature("container queries", 105, r"container(-type|-name)?", "container", "Use vmin and @media."),
    Feature("hyphenate-character", 106, r"hyphenate-character", "hyphenate-character", "Leave it out."),
    Feature(
        "view transitions", 111, r"view-transition-\w+", "view-transition-name", "Use data-entering and transitions."
    ),
    Feature("baseline-source", 111, r"baseline-source", "baseline-source", "Use align-items: baseline."),
    Feature("animation-composition", 112, r"animation-composition", "animation-composition", "Animate a wrapper."),
    Feature("text-wrap", 114, r"text-wrap(-\w+)?", "text-wrap", "Give the text a max-width."),
    Feature(
        "scroll-driven animations",
        115,
        r"(animation|scroll|view)-timeline.*|animation-range.*",
        "animation-timeline",
        "Use a transition.",
    ),
    Feature("transition-behavior", 117, r"transition-behavior", "transition-behavior", "Fade opacity instead."),
    Feature(
        "mask without a prefix",
        120,
        r"mask(-image|-size|-position|-repeat|-mode|-origin|-clip|-composite)?",
        "mask",
        "Write -webkit-mask as well.",
    ),
    Feature(
        "scrollbar-color and scrollbar-width",
        121,
        r"scrollbar-(color|width)",
        "scrollbar-color",
        "Nothing scrolls here.",
    ),
    Feature("field-sizing", 123, r"field-sizing", "field-sizing", "Leave it out."),
    Feature(
        "anchor positioning", 125, r"anchor-name|position-(anchor|area|try).*", "anchor-name", "Position it yourself."
    ),
    Feature("font-size-adjust", 127, r"font-size-adjust", "font-size-adjust", "Set the font-size."),
    Feature("interpolate-size", 129, r"interpolate-size", "interpolate-size", "Animate transform."),
    Feature(
        "box-decoration-break without a prefix",
        130,
        r"box-decoration-break",
        "box-decoration-break",
        "Write -webkit-box-decoration-break as well.",
    ),
    Feature("text-box", 133, r"text-box(-trim|-edge)?", "text-box-trim", "Set line-height."),
    Feature("corner-shape", 139, r"corner-shape", "corner-shape", "Use border-radius or clip-path."),
)
VALUES = (
    Feature("units of container queries", 105, r"\d(cqw|cqh|cqi|cqb|cqmin|cqmax)\b", "CSS_containment", "Use vmin."),
    Feature(
        "dvh, svh, lvh and their kin",
        108,
        r"\d[dsl]v(w|h|i|b|min|max)\b",
        "length",
        "Use vh: an overlay has no toolbar.",
    ),
    Feature("the unit lh", 109, r"\dr?lh\b", "length", "Use em."),
    Feature("color-mix()", 111, r"\bcolor-mix\(", "color_value/color-mix", "Write the mixed colour."),
    Feature(
        "oklch(), oklab(), lch(), lab(), color()",
        111,
        r"\b(oklch|oklab|lch|lab|color)\(",
        "color_value/oklch",
        "Write rgb() or #rrggbb.",
    ),
    Feature(
        "gradients through a named colour space",
        111,
        r"-gradient\((?:[^(),]*\s)?in\s+[a-z]",
        "color-interpolation-method",
        "Name one or two colours between the ends.",
    ),
    Feature("trigonometric functions", 111, r"\b(sin|cos|tan|asin|acos|atan|atan2)\(", "sin", "Write the number."),
    Feature("linear() easing", 113, r"(?<![\w-])linear\(", "easing-function/linear", "Use cubic-bezier()."),
    Feature("image-set() without a prefix", 113, r"(?<![\w-])image-set\(", "image/image-set", "Use url()."),
    Feature(
        "relative colours", 119, r"\b(rgb|hsl|hwb)a?\(\s*from\b", "CSS_colors/Relative_colors", "Write the colour."
    ),
    Feature("pow(), sqrt(), hypot(), log(), exp()", 120, r"\b(pow|sqrt|hypot|log|exp)\(", "pow", "Write the number."),
    Feature("light-dark()", 123, r"\blight-dark\(", "color_value/light-dark", "Write one colour."),
    Feature("round(), mod(), rem()", 125, r"(?<![\w-])(round|mod|rem)\(", "round", "Use calc()."),
    Feature("calc-size()", 129, r"\bcalc-size\(", "calc-size", "Use a fixed size."),
    Feature("if()", 137, r"(?<![\w-])if\(", "if", "Use a class."),
    Feature("abs() and sign()", 138, r"(?<![\w-])(abs|sign)\(", "abs", "Use max()."),
)
SELECTORS = (
    Feature(":has()", 105, r":has\(", ":has", "Let the template write a class."),
    Feature(
        ":nth-child(… of …)", 111, r":nth-(last-)?child\([^)]*\bof\b", ":nth-child", "Let the template write a class."
    ),
    Feature(":popover-open", 114, r":popover-open\b", ":popover-open", "Let the template write a class."),
    Feature(":dir()", 120, r":dir\(", ":dir", "Use [dir]."),
    Feature(":state()", 125, r":state\(", ":state", "Use ::part()."),
)
AT_RULES = (
    Feature("ranges in media queries", 104, r"@media[^{]*[<>]=?", "@media", "Write min-width or max-width."),
    Feature("@container", 105, r"@container\b", "@container", "Use @media."),
    Feature("@starting-style", 117, r"@starting-style\b", "@starting-style", "Use an animation, or [data-entering]."),
    Feature("@scope", 118, r"@scope\b", "@scope", "Begin each selector with a class."),
    Feature("@view-transition", 126, r"@view-transition\b", "@view-transition", "Leave it out."),
    Feature("@position-try", 125, r"@position-try\b", "@position-try", "Position it yourself."),
    Feature("@function", 139, r"@function\b", "@function", "Write it out."),
)
NESTING = Feature("nested rules", 112, "", "CSS_nesting", "Write each rule by itself.")
SUBGRID = Feature("subgrid", 117, r"\bsubgrid\b", "CSS_grid_layout/Subgrid", "Give both grids the same columns.")
CLIPPED_TEXT = Feature(
    "background-clip: text",
    120,
    r"\btext\b",
    "background-clip",
    "Write -webkit-background-clip as well.",
)
_OPTION = re.compile(r"var\(\s*(--option-[\w-]+)\s*\)")
_REMOTE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)


def check(theme: LoadedTheme, sheets: list[Sheet]) -> Iterator[Finding]:
    """Features that the theme's Chromium does not have, where no @supports asks for them; unknown options, remote files,
    endless animations, open braces."""
    oldest = theme.manifest.requires.chromium
    options = [css_name(name) for name in theme.manifest.options]
    for sheet in sheets:
        if sheet.unclosed is not None:
            yield Finding(
                level="error",
                rule="css",
                file=sheet.path,
                line=sheet.unclosed,
                reason="this { is never closed, so everything after it belongs to this rule",
                remedy="Write the } that is missing.",
            )
        for prelude in sheet.preludes:
            if not _asked_for(prelude.around):
                yield from _too_new(sheet, prelude.line, _in_prelude(prelude), oldest)
            yield from _remote(sheet, prelude.line, prelude.text)
        for each in sheet.declarations:
            if not _asked_for((each.selector, *each.around)):
                yield from _too_new(sheet, each.line, _in_declaration(sheet, each), oldest)
            yield from _remote(sheet, each.line, each.value)
            yield from _unknown_options(sheet, each, options)
            if each.property in ("animation", "animation-iteration-count") and "infinite" in each.value.split():
                yield Finding(
                    level="warning",
                    rule="motion",
                    file=sheet.path,
                    line=each.line,
                    reason="an animation that never ends tires viewers and costs the encoder bits all evening",
                    remedy="Let it run once, when something changes.",
                )


def _asked_for(around: tuple[str, ...]) -> bool:
    """Whether a browser is asked first: one that does not have what stands here leaves it out."""
    return any(re.match(r"@supports\b(?!\s*not\b)", outer) for outer in around)


def _in_prelude(prelude: Prelude) -> Iterator[Feature]:
    at_rule = prelude.text.startswith("@")
    if at_rule:
        yield from (each for each in AT_RULES if re.match(each.pattern, prelude.text))
    else:
        yield from (each for each in SELECTORS if re.search(each.pattern, prelude.text))
    if any(not outer.startswith("@") for outer in prelude.around) or (not at_rule and "&" in prelude.text):
        yield NESTING


def _in_declaration(sheet: Sheet, each: Declaration) -> Iterator[Feature]:
    name, value = each.property, re.sub(r"\"[^\"]*\"|'[^']*'|url\([^)]*\)", "", each.value)
    if not each.selector.startswith("@"):
        for feature in PROPERTIES:
            if re.fullmatch(feature.pattern, name) and not _prefixed(sheet, each):
                yield feature
    yield from (feature for feature in VALUES if re.search(feature.pattern, value))
    if name.startswith("grid-template") and re.search(SUBGRID.pattern, value):
        yield SUBGRID
    if name == "background-clip" and re.search(CLIPPED_TEXT.pattern, value) and not _prefixed(sheet, each):
        yield CLIPPED_TEXT


def _prefixed(sheet: Sheet, each: Declaration) -> bool:
    """Whether the same rule says it with -webkit- too."""
    return any(
        other.property == f"-webkit-{each.property}" and other.selector == each.selector for other in sheet.declarations
    )


def _too_new(sheet: Sheet, line: int, found: Iterator[Feature], oldest: int) -> Iterator[Finding]:
    for feature in found:
        if feature.since > oldest:
            yield Finding(
                level="error",
                rule="chromium",
                file=sheet.path,
                line=line,
                reason=f"{feature.name}: since Chromium {feature.since}, and the theme is for {oldest} ({MDN}{feature.page})",
                remedy=feature.instead,
            )


def _remote(sheet: Sheet, line: int, text: str) -> Iterator[Finding]:
    for address in _REMOTE.findall(text):
        yield Finding(
            level="error",
            rule="remote",
            file=sheet.path,
            line=line,
            reason=f"{address} lies elsewhere: pages load no style, font or picture of a style sheet from there",
            remedy="Put the file into the theme and write its path in it.",
        )


def _unknown_options(sheet: Sheet, each: Declaration, known: list[str]) -> Iterator[Finding]:
    """A browser drops the whole declaration without a word."""
    for name in _OPTION.findall(each.value):
        if name not in known:
            yield Finding(
                level="error",
                rule="names",
                file=sheet.path,
                line=each.line,
                reason=f"the theme has no option for {name}; {each.property} is left out",
                remedy=say_known("options", known, name.replace("_", "-")),
            )
