"""`overlaykit theme preview`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from overlaykit.cli.options import config_of, search_options, state_option
from overlaykit.cli.theme.choosing import choose
from overlaykit.config import Config
from overlaykit.errors import NotFound
from overlaykit.recording.files import locate
from overlaykit.theming.manifest import say_known

PORT = 8090
HOST = "127.0.0.1"


@click.command(
    "preview",
    epilog="""\b
Example:
  overlaykit theme preview my_themes/autumn
  overlaykit theme preview classic --session flash_sale
""",
)
@click.argument("theme")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True, help="Where it listens.")
@click.option("--session", metavar="SAMPLE", help="A sample, or a folder with a recording, to play from the start.")
@state_option
@search_options
def preview(
    theme: str,
    port: int,
    session: str | None,
    state: Path,
    themes: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> None:
    """Show THEME while you write it: every layout on one page, every field under your hand, each saving seen at once.

    It needs no room, and listens on this machine alone.
    """
    # The server is gevent's. Plugins may have imported ssl by now; nothing here speaks TLS.
    from gevent import monkey

    monkey.patch_all(ssl=False)
    from overlaykit.runtime.listening import listen
    from overlaykit.web.preview import create_preview, serve_preview

    config = config_of(state, themes=themes, plugins=plugins)
    chosen = choose(theme, config)
    samples, first = _samples(config, session)
    app = create_preview(chosen.themes, chosen.name, samples, port=port, sample=first)
    console = Console(highlight=False)

    def ready() -> None:
        console.print(
            f"[green]✓[/] [bold]{escape(chosen.name)}[/]  {escape(str(chosen.folder))}\n"
            f"Open [bold]http://{HOST}:{port}/[/] in a browser. Ctrl-C ends it. 在浏览器中打开以上地址。",
            soft_wrap=True,
        )

    serve_preview(app, listen(HOST, port), ready)


def _samples(config: Config, wanted: str | None) -> tuple[dict[str, Path], str]:
    """Name → folder of every sample with a recording, and the name of the one to begin with."""
    from overlaykit.runtime.sessions import samples

    found: dict[str, Path] = {}
    for name, folder in samples(config).items():
        try:
            locate(folder)
        except NotFound:
            continue
        found[name] = folder
    if wanted is None:
        return found, ""
    if wanted in found:
        return found, wanted
    folder = Path(wanted).expanduser().resolve()
    if not folder.exists():
        raise NotFound(
            f"there is no sample {wanted!r}, by name or as a folder", remedy=say_known("samples", sorted(found), wanted)
        )
    locate(folder)
    return {**found, folder.name: folder}, folder.name
