"""Who buyers are, as plugins say it: asked for every order, so a plugin that fails here is complained of, not set aside."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from overlaykit.errors import PluginError
from overlaykit.model.plugins import Identity
from overlaykit.pluginhost.status import explain
from overlaykit.words import Words

if TYPE_CHECKING:
    from overlaykit.pluginhost.loading import Loaded

log = logging.getLogger(__name__)

LONGEST = 128
"""Characters of an identity, as of a buyer's id."""


class Identities:
    """The identities in use, by channel. Made once in a process; its failures stand in the plugins' statuses."""

    def __init__(self, by_channel: Mapping[str, tuple[Identity, Loaded]]) -> None:
        self._by_channel = dict(by_channel)
        self.failures: dict[str, int] = dict.fromkeys(self._by_channel, 0)

    def __bool__(self) -> bool:
        return bool(self._by_channel)

    def find(self, channel: str | None, buyer: str) -> str:
        """Who `buyer` of this channel is; the id itself where no plugin knows, or where the plugin fails."""
        found = self._by_channel.get(channel) if channel is not None else None
        if found is None or channel is None:
            return buyer
        identity, loaded = found
        try:
            return _checked(identity.find(channel, buyer))
        except (Exception, SystemExit) as error:  # whatever a plugin raises: the order must not be lost
            self._complain(channel, loaded, error)
            return buyer

    def complaints(self) -> list[str]:
        """What fails now, for people."""
        return [
            f"the plugin {loaded.candidate.name} cannot say who buyers of {channel} are ({self.failures[channel]} times so "
            f"far): {loaded.complaint.reason}"
            for channel, (_, loaded) in self._by_channel.items()
            if self.failures[channel] and loaded.complaint is not None
        ]

    def _complain(self, channel: str, loaded: Loaded, error: BaseException) -> None:
        self.failures[channel] += 1
        loaded.complaint = explain(error, f"{channel} 的身份 / its identity for {channel}", loaded.candidate.folder)
        times = self.failures[channel]
        if times == 10 ** (len(str(times)) - 1):  # the first, the tenth, the hundredth …: a log that can still be read
            name, reason = loaded.candidate.name, loaded.complaint.reason
            log.warning("the plugin %s: %s; the buyers' own ids are used (%d times so far)", name, reason, times)


def _checked(found: object) -> str:
    if isinstance(found, str) and 1 <= len(found) <= LONGEST:
        return found
    if inspect.iscoroutine(found):
        found.close()
    shown = repr(found)[:80]
    said = Words(shown, shown)
    if isinstance(found, str):
        said = Words(f"{len(found)} characters", f"{len(found)} 个字") if found else Words("an empty text", "空的")
    raise PluginError(
        f"给出的身份是{said.zh}。 / Its identity is {said.en}.",
        remedy=f"请返回 1 到 {LONGEST} 个字的文本，用普通函数。 / "
        f"Return a text of 1 to {LONGEST} characters, from a plain function.",
    )
