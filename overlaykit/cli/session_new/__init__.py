"""`overlaykit session new`: a first session.toml, by questions or by flags."""

from overlaykit.cli.session_new.command import new_command

__all__ = ["new_command"]
