"""Which session of the store a word on the command line means."""

from __future__ import annotations

from overlaykit.config import Config
from overlaykit.runtime.sessions import find_plan
from overlaykit.stock import SessionDirectory, SessionRecord


def find_session(directory: SessionDirectory, word: str, config: Config) -> SessionRecord:
    """The session that SESSION means: an id of the store, or whatever has a plan with such an id."""
    known = {record.id for record in directory.list()}
    if word not in known and word != "current" and (path := find_plan(word, config)) is not None:
        from overlaykit.plan import load_plan

        word = load_plan(path).session.id
    return directory.get(word)
