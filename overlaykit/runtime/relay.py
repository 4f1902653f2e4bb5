"""A relay, from a plan and a state folder to what serves it. Call gevent.monkey.patch_all() before."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from overlaykit.config import Config
from overlaykit.errors import UserError
from overlaykit.gateway.relaying import relay_token
from overlaykit.inbox import Addresses
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import nearest_name
from overlaykit.pluginhost import Plugins
from overlaykit.runtime.secrets import KeptSecrets
from overlaykit.runtime.sessions import load_checked_plan
from overlaykit.runtime.state import prepare_state
from overlaykit.stock import SessionRecord
from overlaykit.web.relay import MessageFile, RelayKeeping, create_relay, serve_relay

FILE = "relay.sqlite"


@dataclass(frozen=True)
class _Planned:
    """The one session that a relay knows, as a directory."""

    plan: SessionPlan

    def list(self) -> list[SessionRecord]:
        return [SessionRecord(self.plan.id, self.plan.ledger, self.plan.title, "planned", 0, None)]


def run_relay(
    path: Path,
    plugins: Plugins,
    config: Config,
    name: str | None,
    listener: socket.socket,
    on_ready: Callable[[list[str], int], None],
) -> None:
    """Serves the apps of the plan at `path` until SIGTERM or SIGINT. `name`: which [relay.NAME] it is; None: the only one.

    on_ready  called with the apps and how many messages wait already, once it answers

    Raises UserError, StateError.
    """
    state = prepare_state(config.state)
    plan = load_checked_plan(path, plugins).session
    secrets = KeptSecrets(state, config.secrets)
    name = relay_name(plan, name)
    token = relay_token(name, secrets)
    if not plan.apps:
        raise UserError(
            "the plan has no channel with a connector: there is nothing to relay", remedy="Give a plan that has one."
        )
    directory = _Planned(plan)
    addresses = Addresses(directory, lambda record: plan, plugins.connectors, secrets)
    for app in plan.apps:
        for recipient in addresses.find(app):
            if recipient.trouble is not None:
                raise recipient.trouble
    messages = MessageFile(state / FILE)
    keeping = RelayKeeping(messages)
    try:
        relay = create_relay(addresses.find, keeping, token)
        serve_relay(relay, listener, lambda: on_ready(sorted(plan.apps), messages.waiting))
    finally:
        keeping.close()


def relay_name(plan: SessionPlan, name: str | None) -> str:
    """The [relay.NAME] that is meant. Raises UserError."""
    known = list(plan.later.get("relay", {}))
    if name in known or (name is None and len(known) == 1):
        return name or known[0]
    if not known:
        raise UserError(
            f"the plan {plan.id} has no [relay.NAME]",
            remedy='Write [relay.main] with url = "https://relay.example.com" into it: the room empties that one.',
        )
    near = nearest_name(name, known) if name else None
    raise UserError(
        f"the plan {plan.id} has no [relay.{name}]" if name else f"the plan {plan.id} has several relays",
        remedy=f"Say which with --name: {', '.join(known)}." + (f" Is it {near}?" if near else ""),
    )
