"""The command `overlaykit`: one file per noun. `main` is the entry point."""

from overlaykit.cli.program import main

__all__ = ["main"]
