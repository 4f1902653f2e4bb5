"""The platform apps of a plan, and which channel of an app a shop is."""

from __future__ import annotations

from typing import NamedTuple

from overlaykit.model.sessions import Channel, SessionPlan
from overlaykit.pluginhost.targets import Target, targets_of


class App(NamedTuple):
    """One app of a platform: one address /hooks/NAME, one connector, one set of settings and secrets.

    channels  at least one; the first is the one whose settings and secrets are the app's
    target    that channel, as the plan says it
    """

    name: str
    channels: tuple[Channel, ...]
    target: Target

    def channel_of(self, shop: str) -> Channel | None:
        """The channel of a platform's shop; None when it is none of theirs. A message that names no shop is of the only one."""
        if len(self.channels) == 1:
            only = self.channels[0]
            return only if not shop or not only.shop or shop == only.shop else None
        return next((each for each in self.channels if each.shop == shop), None)


def apps_of(plan: SessionPlan) -> dict[str, App]:
    """The apps of a plan, by name. Of a play those whose platforms are made up; it has no others."""
    targets = {target.name: target for target in targets_of(plan) if target.section == "channel"}
    return {
        name: App(name, channels, targets[channels[0].name])
        for name, channels in plan.apps.items()
        if all(plan.has_platform(channel) for channel in channels)
    }
