"""`overlaykit theme shot`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape as html_escape
from itertools import product
from pathlib import Path
from typing import NamedTuple

import click
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.options import config_of, search_options
from overlaykit.cli.screen import progress_bar
from overlaykit.cli.theme.browser import browser_path_option, open_browser
from overlaykit.cli.theme.choosing import choose
from overlaykit.cli.theme.stage import BACKGROUNDS, SIZES, THEME_FILES, Link, Stage
from overlaykit.config import default_state_folder
from overlaykit.errors import UserError
from overlaykit.theming import LoadedTheme, Selector, find_theme, open_picture, subject_of
from overlaykit.theming.manifest import say_known
from overlaykit.theming.options import OptionValue
from overlaykit.theming.states import STATE_NAMES, state_formats, states

LINKS: dict[str, Link] = {"link_stale": "stale", "link_lost": "lost"}
"""States of the connection that can be shot beside those of the board."""
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Wanted(NamedTuple):
    """One picture to take."""

    layout: str
    state: str
    size: str
    locale: str

    @property
    def file(self) -> str:
        return f"{self.layout}-{self.state}-{self.size}-{self.locale}.png"


@click.command(
    "shot",
    epilog="""\b
Example:
  overlaykit theme shot my_themes/autumn -o shots
  overlaykit theme shot classic -o shots --layout lower_third --state low --state sold_out --background video
""",
)
@click.argument("theme")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR", help="Where to."
)
@click.option("--layout", "layouts", multiple=True, metavar="NAME", help="Only this layout; may be repeated.")
@click.option(
    "--state",
    "shown",
    multiple=True,
    metavar="NAME",
    help=f"Only this state; may be repeated: {', '.join((*STATE_NAMES, *LINKS))}.",
)
@click.option(
    "--size", "sizes", multiple=True, metavar="WxH", help="Instead of the sizes that each layout is made for."
)
@click.option("--locale", "locales", multiple=True, default=("zh-CN",), show_default=True, help="May be repeated.")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="Sets an option of the theme.")
@click.option(
    "--background",
    metavar="B",
    help=f"What is behind it: {', '.join(BACKGROUNDS)}, or #rrggbb.  [default: nothing, the PNG is transparent]",
)
@browser_path_option
@search_options
def shot(
    theme: str,
    output: Path,
    layouts: tuple[str, ...],
    shown: tuple[str, ...],
    sizes: tuple[str, ...],
    locales: tuple[str, ...],
    options: tuple[str, ...],
    background: str | None,
    browser_path: Path | None,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> int:
    """Take a PNG of every layout of THEME in every state, and write a page that shows them all."""
    if background is not None and background not in BACKGROUNDS and not COLOUR.fullmatch(background):
        raise UserError(
            f"--background {background!r} is not known", remedy=say_known("backgrounds", list(BACKGROUNDS), background)
        )
    chosen = choose(theme, config_of(default_state_folder(), themes=themes, plugins=plugins))
    loaded = find_theme(chosen.themes, chosen.name)
    wanted = list(_wanted(loaded, layouts, shown, sizes, locales))
    given = _options(loaded, options)
    console = Console(highlight=False)
    with open_browser(browser_path) as browser:
        output.mkdir(parents=True, exist_ok=True)
        stages: dict[tuple[str, str, str], Stage] = {}
        with progress_bar(console, "shots") as progress:
            for done, each in enumerate(wanted):
                progress(done, len(wanted))
                key = (each.layout, each.size, each.locale)
                if key not in stages:
                    for stage in stages.values():
                        stage.close()
                    formats = state_formats(each.locale)
                    picture = open_picture(loaded, each.layout, formats=formats, options=given, asset_url=THEME_FILES)
                    stages = {key: Stage(browser, picture, _size(each.size))}
                board = states(each.locale)["plenty" if each.state in LINKS else each.state]
                stage = stages[key]
                stage.open(
                    board,
                    subject_of(board, Selector()),
                    link=LINKS.get(each.state, "live"),
                    background=background,
                )
                stage.shot(output / each.file, transparent=background is None)
    (output / "index.html").write_text(_sheet(loaded, wanted), encoding="utf-8")
    console.print(
        f"[green]✓[/] {len(wanted)} pictures in [bold]{escape(str(output))}[/]; index.html shows them all",
        soft_wrap=True,
    )
    return 0


def _wanted(
    theme: LoadedTheme,
    layouts: Sequence[str],
    shown: Sequence[str],
    sizes: Sequence[str],
    locales: Sequence[str],
) -> Iterator[Wanted]:
    """Every picture, those of one page one after the other. Raises UserError for names that do not exist."""
    known_states = [*STATE_NAMES, *LINKS]
    _demand("layout", layouts, list(theme.layouts))
    _demand("state", shown, known_states)
    for size in sizes:
        _size(size)
    for locale in locales:
        state_formats(locale)
    for layout in layouts or theme.layouts:
        made_for = sizes or theme.layouts[layout].size or SIZES
        for size, locale, state in product(made_for, locales, shown or known_states):
            yield Wanted(layout, state, size, locale)


def _options(theme: LoadedTheme, given: Sequence[str]) -> dict[str, OptionValue]:
    values: dict[str, OptionValue] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"--option {text!r} has no value", remedy="Write --option NAME=VALUE.")
        values[name] = value
    return theme.options(strict=values)


def _demand(what: str, given: Sequence[str], known: list[str]) -> None:
    for name in given:
        if name not in known:
            raise UserError(f"there is no {what} {name!r}", remedy=say_known(f"{what}s", known, name))


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d{1,3})x([1-9]\d{1,3})", text)
    if found is None:
        raise UserError(f"--size {text!r} is not a size", remedy="Write width and height in pixels, such as 1080x1920.")
    return int(found[1]), int(found[2])


def _sheet(theme: LoadedTheme, wanted: Sequence[Wanted]) -> str:
    """The page with all pictures, on the grey in which transparency is seen."""
    title = html_escape(f"{theme.manifest.name} {theme.manifest.version}")
    figures = "\n".join(
        f'<figure><a href="{html_escape(each.file)}"><img loading="lazy" src="{html_escape(each.file)}" alt=""></a>'
        f"<figcaption>{html_escape(' · '.join(each))}</figcaption></figure>"
        for each in wanted
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ margin: 24px; font: 14px system-ui, sans-serif; background: #2b2e34; color: #e8eaee; }}
main {{ display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-end; }}
figure {{ margin: 0; }} figcaption {{ padding: 6px 0; color: #b4bac4; }}
img {{ display: block; height: 320px; background: repeating-conic-gradient(#6b7078 0 25%, #868c96 0 50%) 0 0 / 24px 24px; }}
</style></head><body><h1>{title}</h1><main>
{figures}
</main></body></html>
"""
