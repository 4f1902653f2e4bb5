"""The command line as a whole: its commands, those of plugins, and how errors look."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click
from rich.console import Console

from overlaykit.cli.screen import show_error
from overlaykit.errors import OverlaykitError, StoreError, UserError

# Each in a file of its own, imported when it is wanted: `overlaykit --help` must not wait for gevent.
COMMANDS = {
    "demo": "run:demo",
    "run": "run:run",
    "replay": "recordings:replay",
    "verify": "recordings:verify",
    "session": "session:session",
    "web": "machines:web",
    "director": "machines:director",
    "gateway": "machines:gateway",
    "relay": "relay:relay",
    "token": "token:token",
    "obs": "obs:obs",
    "plugin": "plugin:plugin",
    "theme": "theme:theme",
    "bench": "bench:bench",
}
USER_ERROR = 2


class Program(click.Group):
    """The top group: commands of ours by name, those of plugins after them."""

    def list_commands(self, context: click.Context) -> list[str]:
        ours = [name for name in COMMANDS if self._exists(name)]
        return [*ours, *sorted(self._of_plugins())]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS and self._exists(name):
            module, _, attribute = COMMANDS[name].partition(":")
            gc.disable()  # loading makes nothing but what stays, and the collector would look at all of it again and again
            try:
                command: click.Command = getattr(import_module(f"overlaykit.cli.{module}"), attribute)
            finally:
                gc.enable()
            return command
        return self._of_plugins().get(name)

    def _exists(self, name: str) -> bool:
        from importlib.util import find_spec

        return find_spec(f"overlaykit.cli.{COMMANDS[name].partition(':')[0]}") is not None

    def _of_plugins(self) -> dict[str, click.Command]:
        """Bundled, installed and the default state folder's. A broken plugin is not here; `plugin list` says why."""
        from overlaykit.cli.loading import tried_plugins
        from overlaykit.config import Config, default_state_folder

        if self._found is None:
            config = Config(state=default_state_folder())
            self._found = tried_plugins(config, None, reserved_commands=COMMANDS).plugins.commands
        return self._found

    _found: dict[str, click.Command] | None = None


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with `overlaykit demo`. `overlaykit COMMAND --help` has an example for each command.",
)
@click.version_option(package_name="overlaykit", prog_name="overlaykit")
def program() -> None:
    """Exact stock, live overlays and OBS control for live-commerce rooms.

    直播间的精确库存、实时画面与 OBS 控制。
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs a command and ends the process: 0 done, 1 found different or broken, 2 a mistake that somebody can mend."""
    console = Console(stderr=True, highlight=False)
    try:
        status: Any = program.main(arguments, prog_name="overlaykit", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.Exit as exit:
        sys.exit(exit.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(USER_ERROR)
    except (click.Abort, KeyboardInterrupt):
        console.print("Stopped. 已停止。")
        sys.exit(130)
    except (UserError, StoreError) as error:
        show_error(console, error)
        sys.exit(USER_ERROR)
    except OverlaykitError as error:
        show_error(console, error)
        sys.exit(USER_ERROR)
    except BrokenPipeError:
        # Whoever read our output has gone, as `| head` does; nothing is left to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    finally:
        if arguments is None:
            gc.freeze()  # the process ends: nobody needs what the collector would find on the way out
