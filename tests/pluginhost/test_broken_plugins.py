"""Whatever a plugin does wrong, the others work, and its status says what it was and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from overlaykit.pluginhost import HOOKS, PluginStatus
from overlaykit.words import words_in

if TYPE_CHECKING:
    from tests.pluginhost.conftest import Bench

StatusOf = Callable[..., PluginStatus]

HEAD = "from overlaykit.api import Action, Connector, Settings, Theme, hookimpl\nimport click\n"


def test_raising_at_import_is_named_with_its_line(status_of: StatusOf) -> None:
    status = status_of("x = 1\n\nraise RuntimeError('no licence key')\n")
    assert status.state == "failed"
    assert (
        words_in(status.reason).en == "importing it raised RuntimeError: no licence key (subject/__init__.py, line 3)"
    )
    assert status.remedy
    assert "Traceback" in status.trace


def test_a_missing_package_is_named_with_what_to_install(status_of: StatusOf) -> None:
    status = status_of("import nowhere_to_be_found.part\n")
    assert "nowhere_to_be_found" in status.reason
    assert "Install" in status.remedy
    assert "'nowhere_to_be_found'" in status.remedy


def test_a_syntax_error_is_named_with_its_line(status_of: StatusOf) -> None:
    assert "line 2" in status_of("x = 1\ndef\n").reason


def test_leaving_the_process_at_import_does_not_end_the_room(status_of: StatusOf) -> None:
    assert "SystemExit" in status_of("import sys\nsys.exit(3)\n").reason


def test_an_import_that_failed_leaves_no_half_module_behind(bench: Bench) -> None:
    folder = bench.plugin("subject", "from plugins.subject import part\nraise ValueError('first')\n")
    (folder / "part.py").write_text("VALUE = 1\n", encoding="utf-8")
    assert bench.statuses_of("subject")[0].state == "failed"
    bench.plugin(
        "subject", HEAD + "from plugins.subject.part import VALUE\n@hookimpl\ndef startup(process): assert VALUE == 2\n"
    )
    (folder / "part.py").write_text("VALUE = 2 # mended\n", encoding="utf-8")
    plugins = bench.discover()
    assert [status.state for status in bench.statuses_of("subject", plugins)] == ["active"]
    assert plugins.startup("web") == []


def test_raising_in_a_hook_takes_back_what_was_registered_before(status_of: StatusOf) -> None:
    status = status_of(
        HEAD
        + "class Mine(Connector):\n    name = 'subject'\n"
        + "@hookimpl\ndef register_connectors(register): register(Mine)\n"
        + "@hookimpl\ndef register_commands(register): raise KeyError('gone')\n"
    )
    assert words_in(status.reason).en == "register_commands raised KeyError: 'gone' (subject/__init__.py, line 8)"


@pytest.mark.parametrize(
    ("hook", "body", "says"),
    [
        ("register_connectors", "register(Connector)", "has no name"),
        ("register_connectors", "register(type('Mine', (Connector,), {'name': 'm'})(Settings()))", "register the class itself"),
        ("register_connectors", "register(str)", "no subclass of Connector"),
        ("register_connectors", "register('acme')", "'acme', which is no subclass of Connector"),
        ("register_themes", "register('neon')", "is no Theme"),
        ("register_themes", "from pathlib import Path; register(Theme('neon', Path('/nowhere')))", "no theme.toml"),
        ("register_actions", "register(Connector)", "no subclass of Action"),
        ("register_commands", "register(print)", "no click command"),
        ("register_commands", "register(click.Command(None))", "has no name"),
        ("register_commands", "register(click.Command('x')); register(click.Command('x'))", "two commands named 'x'"),
        ("register_connectors", "return [Connector]", "returned list"),
    ],
)  # fmt: skip
def test_what_is_registered_is_checked(status_of: StatusOf, hook: str, body: str, says: str) -> None:
    status = status_of(HEAD + f"@hookimpl\ndef {hook}(register):\n    {body}\n")
    assert status.state == "failed"
    assert says in status.reason
    assert status.remedy


def test_settings_with_a_type_that_does_not_exist_are_named(status_of: StatusOf) -> None:
    status = status_of(
        HEAD
        + "class MySettings(Settings):\n    level: 'Nothing'\n"
        + "class Mine(Connector[MySettings]):\n    name = 'subject'\n"
        + "@hookimpl\ndef register_connectors(register): register(Mine)\n"
    )
    assert "MySettings of Mine cannot be read" in status.reason


def test_an_async_hook_is_refused(status_of: StatusOf) -> None:
    status = status_of(HEAD + "@hookimpl\nasync def register_themes(register): ...\n")
    assert "is async" in status.reason


def test_a_misspelt_hook_is_refused_with_the_list_of_hooks(status_of: StatusOf) -> None:
    status = status_of(HEAD + "@hookimpl\ndef register_theme(register): ...\n")
    assert "register_theme" in status.reason
    assert all(hook in status.remedy for hook in HOOKS)


def test_an_argument_that_no_hook_has_is_refused(status_of: StatusOf) -> None:
    assert "registry" in status_of(HEAD + "@hookimpl\ndef register_themes(registry): ...\n").reason


def test_a_forgotten_mark_is_noticed(status_of: StatusOf) -> None:
    status = status_of("def register_themes(register): ...\n")
    assert words_in(status.reason).en == "It has no hook. Its function register_themes is not marked."
    assert "@hookimpl" in status.remedy


def test_a_folder_without_init_is_named(status_of: StatusOf) -> None:
    assert "no __init__.py" in status_of("x = 1\n", file="other.py").reason


def test_a_folder_that_is_no_python_name_is_told_a_better_one(bench: Bench) -> None:
    bench.plugin("my-lamp", "")
    [status] = bench.statuses_of("my-lamp")
    assert "cannot be imported" in status.reason
    assert "my_lamp" in status.remedy


def test_a_theme_folder_without_manifest_is_named(bench: Bench) -> None:
    bench.theme("good")
    (bench.state / "themes" / "half").mkdir()
    plugins = bench.discover()
    assert "good" in plugins.themes
    assert "half" not in plugins.themes
    [status] = bench.statuses_of("half", plugins)
    assert (status.kind, status.state) == ("theme", "failed")
    assert "theme.toml" in status.reason


def test_failing_at_startup_sets_a_plugin_aside(bench: Bench) -> None:
    bench.connector("healthy")
    bench.plugin(
        "subject",
        HEAD
        + "class Mine(Connector):\n    name = 'subject'\n"
        + "@hookimpl\ndef register_connectors(register): register(Mine)\n"
        + "@hookimpl\ndef startup(process): raise OSError('no lamp in ' + process)\n"
        + "@hookimpl\ndef shutdown(process): raise AssertionError('never started')\n",
    )
    plugins = bench.discover()
    assert "subject" in plugins.connectors
    [failed] = plugins.startup("web")
    assert words_in(failed.reason).en == "startup raised OSError: no lamp in web (subject/__init__.py, line 8)"
    assert "subject" not in plugins.connectors
    assert "healthy" in plugins.connectors
    assert [status.state for status in bench.statuses_of("subject", plugins)] == ["failed"]
    assert plugins.shutdown("web") == []


def test_shutdown_goes_backwards_and_past_a_failure(bench: Bench) -> None:
    order = bench.session / "order.txt"
    order.parent.mkdir()
    for name in ("a", "b", "c"):
        fails = "    raise OSError('stuck')\n" if name == "b" else ""
        code = f"@hookimpl\ndef shutdown(process):\n    open({str(order)!r}, 'a').write({name!r})\n"
        bench.plugin(
            name, HEAD + code.replace("open(", "f = open(").replace(".write", "; f.write") + "    f.close()\n" + fails
        )
    plugins = bench.discover()
    assert [status.name for status in plugins.shutdown("web")] == ["b"]
    assert order.read_text() == "cba"


def test_a_capability_without_its_method_is_named_with_both(status_of: StatusOf) -> None:
    status = status_of(
        HEAD
        + "from overlaykit.api import Capability\n"
        + "class Mine(Connector):\n    name = 'subject'\n    capabilities = {Capability.CHAT_SEND}\n"
        + "@hookimpl\ndef register_connectors(register): register(Mine)\n"
    )
    said = words_in(status.reason).en
    assert said == "The connector 'subject' says that it can chat_send, and has no method send_chat."
    assert "CHAT_SEND" in status.remedy
