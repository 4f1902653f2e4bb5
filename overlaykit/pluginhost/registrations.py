"""What one plugin registered, each thing checked as it comes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import click

from overlaykit.errors import PluginError
from overlaykit.model.connectors import PROMISES, Connector
from overlaykit.model.plugins import Action, Identity, StandIn, Theme
from overlaykit.model.settings import Settings


@dataclass
class Registrations:
    """The things of one plugin, by name. The methods are what hooks get as `register`; they raise PluginError."""

    connectors: dict[str, type[Connector[Any]]] = field(default_factory=dict)
    themes: dict[str, Theme] = field(default_factory=dict)
    actions: dict[str, type[Action[Any]]] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    stand_ins: dict[str, type[StandIn]] = field(default_factory=dict)
    commands: dict[str, click.Command] = field(default_factory=dict)

    def connector(self, thing: type[Connector[Any]]) -> None:
        _expect_class(thing, Connector, "register_connectors")
        _expect_settings(thing, thing.settings_type)
        _expect_promises_kept(thing)
        _put(self.connectors, thing.name, thing, "connector")

    def theme(self, thing: Theme) -> None:
        if not isinstance(thing, Theme):
            raise PluginError(
                f"register_themes 得到的 {_name(thing)} 不是 Theme。 / "
                f"register_themes was given {_name(thing)}, which is no Theme.",
                remedy='请注册 Theme("name", folder)，来自 overlaykit.api。 / Register Theme("name", folder), from overlaykit.api.',
            )
        if not (thing.folder / "theme.toml").is_file():
            raise PluginError(
                f"主题 {thing.name!r} 的文件夹 {thing.folder} 里没有 theme.toml。 / "
                f"The theme {thing.name!r} has no theme.toml in {thing.folder}.",
                remedy="加上写明版面的 theme.toml，或移走文件夹。 / "
                "Add theme.toml, the file that names its layouts, or take the folder away.",
            )
        _put(self.themes, thing.name, thing, "theme")

    def action(self, thing: type[Action[Any]]) -> None:
        _expect_class(thing, Action, "register_actions")
        _expect_settings(thing, thing.arguments_type)
        _put(self.actions, thing.name, thing, "action")

    def identity(self, thing: Identity) -> None:
        """Kept by channel: each channel has one."""
        if not isinstance(thing, Identity):
            raise PluginError(
                f"register_identities 得到的 {_name(thing)} 不是 Identity。 / "
                f"register_identities was given {_name(thing)}, which is no Identity.",
                remedy='请注册 Identity(["channel", …], function)，来自 overlaykit.api。 / '
                'Register Identity(["channel", …], function), from overlaykit.api.',
            )
        if isinstance(thing.channels, str) or not thing.channels:
            raise PluginError(
                f"Identity 的渠道写成了 {thing.channels!r}。 / The channels of an Identity are {thing.channels!r}.",
                remedy='请写名称列表：["douyin", "mini"]。 / Give a list of names: ["douyin", "mini"].',
            )
        if not callable(thing.find) or inspect.iscoroutinefunction(thing.find):
            channels = ", ".join(map(str, thing.channels))
            raise PluginError(
                f"{channels} 的身份不是普通函数。 / The identity for {channels} is no plain function.",
                remedy="请给一个函数 (channel, buyer)，返回文本，不要异步。 / "
                "Give a function (channel, buyer) that returns a text; not an async one.",
            )
        for channel in thing.channels:
            _put(self.identities, channel, thing, "identity")

    def stand_in(self, thing: type[StandIn]) -> None:
        """Kept by connector: each has one."""
        _expect_class(thing, StandIn, "register_stand_ins")
        _put(self.stand_ins, thing.connector, thing, "stand-in")

    def command(self, thing: click.Command) -> None:
        if not isinstance(thing, click.Command):
            raise PluginError(
                f"register_commands 得到的 {_name(thing)} 不是 click 命令。 / "
                f"register_commands was given {_name(thing)}, which is no click command.",
                remedy="在函数上面写 @click.command()。 / Put @click.command() above the function.",
            )
        _put(self.commands, thing.name or "", thing, "command")

    def callables(self) -> dict[str, Callable[[Any], None]]:
        """Hook name → the callable it is called with, in the order of calling; stand-ins are asked for when one is needed."""
        return {
            "register_connectors": self.connector,
            "register_themes": self.theme,
            "register_actions": self.action,
            "register_identities": self.identity,
            "register_commands": self.command,
        }

    def by_word(self) -> dict[str, dict[str, Any]]:
        """Kind of thing ("connector", "theme" …) → what was registered of it, by name; identities by channel, stand-ins by
        connector."""
        return {
            "connector": self.connectors,
            "theme": self.themes,
            "action": self.actions,
            "identity": self.identities,
            "stand-in": self.stand_ins,
            "command": self.commands,
        }


def _expect_class(thing: object, base: type, hook: str) -> None:
    if not (inspect.isclass(thing) and issubclass(thing, base)):
        instance = isinstance(thing, base)
        english, chinese = (
            (" (an instance: register the class itself)", "（这是实例，请注册类本身）") if instance else ("", "")
        )
        raise PluginError(
            f"{hook} 得到的 {_name(thing)} 不是 {base.__name__} 的子类{chinese}。 / "
            f"{hook} was given {_name(thing)}, which is no subclass of {base.__name__}{english}.",
            remedy=f"请注册用 `class Mine({base.__name__}[MySettings])` 写的类，来自 overlaykit.api。 / "
            f"Register a class made by `class Mine({base.__name__}[MySettings])`, from overlaykit.api.",
        )


def _expect_settings(thing: type, settings: type[Settings]) -> None:
    try:
        settings.in_plan()
    except Exception as error:  # an annotation that names nothing shows itself here, in any form
        raise PluginError(
            f"{thing.__name__} 的设置类 {settings.__name__} 读不懂：{error}。 / "
            f"The settings class {settings.__name__} of {thing.__name__} cannot be read: {error}.",
            remedy="请检查字段的类型。 / Check the types of its fields.",
        ) from error


def _expect_promises_kept(thing: type[Connector[Any]]) -> None:
    for capability, method in ((each, method) for each, methods in PROMISES.items() for method in methods):
        if capability in thing.capabilities and getattr(thing, method) is getattr(Connector, method):
            raise PluginError(
                f"连接器 {thing.name!r} 说自己会 {capability.value}，却没有方法 {method}。 / "
                f"The connector {thing.name!r} says that it can {capability.value}, and has no method {method}.",
                remedy=f"按 plugins/README.md 写 `{method}`，或去掉 Capability.{capability.name}。 / "
                f"Write `{method}` as plugins/README.md shows it, or take Capability.{capability.name} away.",
            )


def _put(things: dict[str, Any], name: object, thing: object, word: str) -> None:
    if not isinstance(name, str) or not name:
        raise PluginError(
            f"{_name(thing)}（{word}）没有名称。 / The {word} {_name(thing)} has no name.",
            remedy='请写 `name = "…"`。 / Set `name = "…"`.',
        )
    if name in things:
        words = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
        raise PluginError(
            f"注册了两个名为 {name!r} 的 {word}。 / It registers two {words} named {name!r}.",
            remedy="给其中一个换个名称。 / Give one of them another name.",
        )
    things[name] = thing


def _name(thing: object) -> str:
    return thing.__name__ if inspect.isclass(thing) or inspect.isfunction(thing) else repr(thing)
