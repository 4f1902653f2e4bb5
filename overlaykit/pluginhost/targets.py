"""Which channels, sources, notifiers and webhooks a plan has, and what is made of each: typed settings, secrets, a connector."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, get_args, get_origin

import msgspec

from overlaykit.errors import PluginError, UserError
from overlaykit.model.connectors import Connector
from overlaykit.model.sessions import SessionPlan
from overlaykit.model.settings import Secret, Settings

Section = Literal["channel", "source", "notifier", "webhook"]


WEBHOOK_SECRET, RELAY_SECRET = "secret", "token"
"""What the secret of a [webhook.NAME] is called, and that of a [relay.NAME]."""


class Secrets(Protocol):
    """Where secrets are found."""

    def find(self, section: str, name: str, field: str) -> Secret | None:
        """The secret `field` of [section.name]; None when nobody has set it."""


class WantedSecret(NamedTuple):
    """A secret that a section of the plan wants: the `field` of [section.name]. `required`: it does not work without."""

    section: str
    name: str
    field: str
    required: bool


class Target(NamedTuple):
    """One of them, as the plan says it.

    plugin  the connector behind it, None for webhooks and channels without one
    holder  the name of the section whose settings and secrets count: of a channel that of its app's, else its own
    stand_in  settings and secrets of the made-up platform that is there instead
    """

    section: Section
    name: str
    plugin: str | None
    settings: Mapping[str, Any]
    holder: str
    stand_in: Mapping[str, Any] | None = None

    @property
    def queue(self) -> str:
        """Its name with its section: `channel.douyin`."""
        return f"{self.section}.{self.name}"


def targets_of(plan: SessionPlan) -> list[Target]:
    """All targets of a plan; of a webhook, `settings` is its whole section."""
    later, apps = plan.later, plan.apps
    channels = []
    for each in plan.channels:
        holder = apps[each.app][0].name if each.connector is not None else each.name
        settings = later.get("channel", {}).get(holder, {}).get("settings", {})
        channels.append(Target("channel", each.name, each.connector, settings, holder, each.stand_in))
    plugged = [
        Target(section, name, form["plugin"], form.get("settings", {}), name)
        for section in ("source", "notifier")
        for name, form in later.get(section, {}).items()
    ]
    return [
        *channels,
        *plugged,
        *(Target("webhook", name, None, form, name) for name, form in later.get("webhook", {}).items()),
    ]


def wanted_secrets(plan: SessionPlan, connectors: Mapping[str, type[Connector[Any]]]) -> list[WantedSecret]:
    """All of a plan, in its order; those of an app at the channel whose secrets are the app's. Of connectors that no plugin has
    nothing is known; a made-up platform has its own."""
    found = []
    for target in targets_of(plan):
        if target.section == "webhook":
            found.append(WantedSecret(target.section, target.name, WEBHOOK_SECRET, True))
        elif (
            target.stand_in is None
            and target.plugin is not None
            and target.plugin in connectors
            and target.holder == target.name
        ):
            settings_type = connectors[target.plugin].settings_type
            names = settings_type.secret_names()
            found += [
                WantedSecret(target.section, target.name, field.encode_name, field.required)
                for field in msgspec.structs.fields(settings_type)
                if field.encode_name in names
            ]
    return [*found, *(WantedSecret("relay", name, RELAY_SECRET, True) for name in plan.later.get("relay", {}))]


class _MadeUp:
    """The secrets of a made-up platform, by field."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def find(self, section: str, name: str, field: str) -> Secret | None:
        return Secret(self._texts[field]) if field in self._texts else None


def settings_of(target: Target, settings_type: type[Settings], secrets: Secrets) -> Settings:
    """The target's settings with their secrets. Raises UserError when a secret is missing or a setting does not fit."""
    settings = dict(target.settings)
    if target.stand_in is not None:
        secret_names = settings_type.secret_names()
        secrets = _MadeUp({name: text for name, text in target.stand_in.items() if name in secret_names})
        settings = {name: value for name, value in target.stand_in.items() if name not in secret_names}
    try:
        given = msgspec.convert(settings, settings_type.in_plan())
    except msgspec.ValidationError as error:
        raise UserError(
            f"[{target.queue}] 的设置不符合连接器 {target.plugin}：{error} / "
            f"the settings of [{target.queue}] do not fit the connector {target.plugin}: {error}",
            remedy="请在 session.toml 里改。 / Mend them in session.toml.",
        ) from None
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(settings_type):
        if hasattr(given, field.name):
            values[field.name] = getattr(given, field.name)
            continue
        found = secrets.find(target.section, target.holder, field.encode_name)
        if found is not None:
            values[field.name] = _as(field.type, found)
        elif field.required:
            raise UserError(
                f"[{target.queue}] 缺少密钥 {field.encode_name} / "
                f"[{target.queue}] needs the secret {field.encode_name}, and nobody has set it",
                remedy=how_to_set(target.section, target.holder, field.encode_name),
            )
    return settings_type(**values)


def how_to_set(section: str, name: str, field: str) -> str:
    """What to do about a secret that is missing."""
    named = variable(section, name, field)
    return (
        f"在控制台「外部连接」里填写；或设为环境变量 {named}，再重新开播。 / "
        f"Set it on the desk, under Connections; or as the variable {named}, and start the room again."
    )


def variable(section: str, name: str, field: str) -> str:
    """The environment's variable with a secret: whatever is no letter or digit becomes `_`."""
    return "OVERLAYKIT_SECRET_" + re.sub(r"\W", "_", f"{section}_{name}_{field}").upper()


def connector_class(target: Target, connectors: Mapping[str, type[Connector[Any]]]) -> type[Connector[Any]]:
    """Raises PluginError when no plugin has it."""
    assert target.plugin is not None
    found = connectors.get(target.plugin)
    if found is None:
        there = ", ".join(sorted(connectors))
        raise PluginError(
            f"没有插件提供 / no plugin has the connector {target.plugin}, which [{target.queue}] names",
            remedy=f"现有：{there or '无'}。缺少的原因见 `overlaykit plugin list`。 / "
            f"There are: {there or 'none'}. `overlaykit plugin list` says why one is missing.",
        )
    return found


def folder_of(connector: type[Connector[Any]]) -> Path | None:
    """Where its code is."""
    try:
        return Path(inspect.getfile(connector)).parent
    except (TypeError, OSError):
        return None


def _as(kind: Any, secret: Secret) -> Any:
    """A secret as the field wants it: itself, or, where it wants several, the words of it."""
    wanted = [kind, *get_args(kind)]
    several = next((each for each in wanted if get_origin(each) in (list, tuple)), None)
    if several is None:
        return secret
    origin: Any = get_origin(several)
    return origin(Secret(text) for text in secret.reveal().split())
