"""The words of a theme: keys that templates ask for, languages that are missing, words nobody uses."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from overlaykit.theming.checking.findings import Finding
from overlaykit.theming.checking.manifest import line_in_manifest
from overlaykit.theming.checking.templates import Source
from overlaykit.theming.manifest import MANIFEST, say_known
from overlaykit.theming.states import STATE_LOCALES
from overlaykit.theming.theme import LoadedTheme
from overlaykit.theming.words import own_words


def check(theme: LoadedTheme, sources: list[Source]) -> Iterator[Finding]:
    """Keys without a text, in each language; languages of overlaykit that the theme does not speak; texts without a use."""
    strings = theme.manifest.strings
    asked: set[str] = set()
    computed = any(source.tree is None for source in sources)  # nobody knows what it asks for
    by_itself = set(own_words("en"))
    for source in sources:
        if source.tree is None:
            continue
        for call in source.tree.find_all(nodes.Call):
            if not (isinstance(call.node, nodes.Name) and call.node.name == "_" and call.args):
                continue
            keys = _constants(call.args[0])
            computed = computed or keys is None
            for key in keys or ():
                asked.add(key)
                for locale in (strings or {"": {}}) if source.own else ():
                    words = {**own_words(locale or "en"), **strings.get(locale, {})}
                    if key not in words:
                        yield Finding(
                            level="error",
                            rule="strings",
                            file=source.path,
                            line=call.lineno,
                            reason=f"there is no string {key!r}" + (f" in [strings.{locale}]" if locale else ""),
                            remedy=say_known("strings", sorted(words), key),
                        )
    spoken = {locale.split("-")[0] for locale in strings}
    for locale in STATE_LOCALES:
        if strings and locale.split("-")[0] not in spoken:
            yield Finding(
                level="warning",
                rule="strings",
                file=MANIFEST,
                line=line_in_manifest(theme, f"strings.{next(iter(strings))}"),
                reason=f"the theme has no words for {locale}: its viewers read {next(iter(strings))}",
                remedy=f"Add [strings.{locale}] with the same keys.",
            )
    if computed:
        return
    first = next(iter(strings), None)
    for key in strings.get(first, {}) if first else ():
        line = line_in_manifest(theme, f"strings.{first}.{key}")
        if line is not None and key not in asked | by_itself:
            yield Finding(
                level="warning",
                rule="strings",
                file=MANIFEST,
                line=line,
                reason=f"no template asks for the string {key!r}",
                remedy="Take it out, or use it.",
            )


def _constants(node: nodes.Expr) -> list[str] | None:
    """The texts that an expression may be; None when they are computed."""
    if isinstance(node, nodes.Const):
        return [str(node.value)]
    if isinstance(node, nodes.CondExpr):
        sides = [_constants(node.expr1), _constants(node.expr2) if node.expr2 is not None else []]
        return None if None in sides else [key for side in sides for key in side or ()]
    return None
