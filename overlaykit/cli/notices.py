"""What an operator is told at the start that does not keep the room from starting."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from overlaykit.config import Config, default_state_folder
from overlaykit.errors import OverlaykitError, ThemeError
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import LoadedPlan, in_both
from overlaykit.pluginhost import Plugins
from overlaykit.pluginhost.targets import Secrets, how_to_set, wanted_secrets
from overlaykit.runtime.obs import ObsConnections
from overlaykit.theming import ImagePath, LoadedTheme, find_theme, is_https, read_manifest
from overlaykit.web.names.looks import expected
from overlaykit.web.words import words
from overlaykit.words import Words

KINDS = {"plugin": Words("plugin", "插件"), "theme": Words("theme", "主题")}


def notices(loaded: LoadedPlan | None, plugins: Plugins) -> list[str]:
    """One line each, in both languages, as all that follow. `loaded`: None when the plan stands in the store."""
    said = list(_set_aside(plugins))
    if loaded is not None:
        said += [*_missing_pictures(loaded), *_options_amiss(loaded, plugins)]
    return said


def not_connected(plan: SessionPlan, connections: ObsConnections, config: Config) -> list[str]:
    """One line for each OBS of the plan that `obs setup` was not run for, with the command that finds the room of `config`."""
    where = "" if config.state == default_state_folder() else f" --state {shlex.quote(str(config.state))}"
    where += " --redis …" if config.redis_url else ""
    return [
        in_both(
            "OBS {name} is not connected yet: {command}",
            "OBS {name} 还没有连接：{command}",
            name=name,
            command=f"overlaykit obs setup --name {shlex.quote(name)}{where}",
        )
        for name in plan.later.get("obs") or {}
        if not connections.knows(name)
    ]


def without_secrets(plan: SessionPlan, plugins: Plugins, secrets: Secrets) -> list[str]:
    """One line for each secret that a section of the plan does not work without, and that nobody has set."""
    return [
        in_both(
            f"[{each.section}.{each.name}] needs the secret {each.field}. {{how}}",
            f"[{each.section}.{each.name}] 缺少密钥 {each.field}。{{how}}",
            how=how_to_set(*each[:3]),
        )
        for each in wanted_secrets(plan, plugins.connectors)
        if each.required and secrets.find(*each[:3]) is None
    ]


def open_besides(plan: SessionPlan, others: Iterable[SessionPlan]) -> list[str]:
    """One line for each other session that is told the same messages of platforms, and pushes its own numbers there."""
    said = []
    for other in others:
        shared = sorted(_apps(plan) & _apps(other))
        if shared and other.id != plan.id:
            apps, command = ", ".join(shared), '{"type":"session.close"}'
            address = f"/api/v1/sessions/{quote(other.id)}/commands"
            said.append(
                Words(
                    f"the session {other.id} is still open: it counts the orders of {apps} too, and pushes its own numbers. "
                    f"To end it, POST {command} to {address} with the operator token.",
                    f"场次 {other.id} 还开着：{apps} 的订单它也在收，也在推自己的库存。"
                    f"要结束它，用 operator 令牌把 {command} POST 到 {address}。",
                ).both()
            )
    return said


def _apps(plan: SessionPlan) -> set[str]:
    """The apps whose real platform the session hears and tells."""
    return {each.app for each in plan.channels if each.connector is not None and each.stand_in is None}


def _set_aside(plugins: Plugins) -> Iterator[str]:
    """What cannot be used of plugins and themes."""
    plugins.check_themes(read_manifest)
    for status in plugins.statuses:
        if status.state == "failed":
            kind = KINDS[status.kind]
            yield in_both(
                f"the {kind.en} {{name}} is set aside: {{reason}} {{remedy}}",
                f"{kind.zh} {{name}} 没有启用：{{reason}} {{remedy}}",
                name=status.name,
                reason=status.reason,
                remedy=status.remedy,
            )
        elif status.state == "active" and status.reason:
            yield in_both("{reason} {remedy}", "{reason} {remedy}", reason=status.reason, remedy=status.remedy)


def _missing_pictures(loaded: LoadedPlan) -> Iterator[str]:
    """The pictures that items name and the session's folder does not have."""
    named = {item.image for item in loaded.session.items if item.image}
    absent = sorted(name for name in named if ":" not in name and not (loaded.folder / name).is_file())
    if absent:
        names = ", ".join(absent)
        yield Words(
            f"pictures that are not there: {names} (looked in {loaded.folder})",
            f"找不到图片：{names}（找过 {loaded.folder}）",
        ).both()


def _amiss(theme: LoadedTheme, name: str) -> str:
    option = theme.manifest.options.get(name)
    if option is None:
        return f"主题 {theme.id} 没有选项 {name}，有：{'、'.join(theme.manifest.options)}"
    return f"选项 {name} 要写{expected(option, words('zh-CN'))}"


def _options_amiss(loaded: LoadedPlan, plugins: Plugins) -> Iterator[str]:
    """The options of the plan that its theme does not have, or cannot use."""
    try:
        theme = find_theme(plugins.themes, loaded.session.theme)
    except OverlaykitError:  # told by its status
        return
    for name, value in loaded.session.options.items():
        try:
            read = theme.options(strict={name: value})[name]
        except ThemeError as error:
            yield Words(f"session.toml: {error.message} {error.remedy}", f"session.toml：{_amiss(theme, name)}").both()
            continue
        if not isinstance(theme.manifest.options[name], ImagePath) or not read or is_https(str(read)):
            continue
        if theme.files.find(str(read)) is None and not (loaded.folder / str(read)).is_file():
            yield Words(
                f"session.toml: option {name}: there is no picture {read!r} in the theme, nor in {loaded.folder}",
                f"session.toml：选项 {name}：主题和 {loaded.folder} 里都没有图片 {read!r}",
            ).both()
