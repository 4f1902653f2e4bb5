"""The simulator comes through the door like any plugin."""

from pathlib import Path

from click.testing import CliRunner

from overlaykit.testing import load_plugin

HERE = Path(__file__).parents[1]


def test_it_registers_the_command_and_the_connectors() -> None:
    plugins = load_plugin(HERE)
    assert set(plugins.commands) == {"simulate"}
    assert set(plugins.connectors) == {"simulated_room", "simulated_team", "simulated_warehouse"}
    assert "command simulate" in plugins.statuses[0].provides


def test_the_command_says_that_what_it_makes_is_synthetic_and_shows_an_example() -> None:
    text = CliRunner().invoke(load_plugin(HERE).commands["simulate"], ["--help"]).output
    assert "synthetic" in text
    assert "Example: overlaykit simulate" in text
    for option in ("--output", "--seed", "--seconds", "--requests"):
        assert option in text


def test_the_guide_says_so_too() -> None:
    assert "recordings are synthetic" in (HERE / "README.md").read_text(encoding="utf-8")


def test_the_guide_names_each_connector_with_all_its_settings() -> None:
    guide = (HERE / "README.md").read_text(encoding="utf-8")
    for name, connector in load_plugin(HERE).connectors.items():
        settings = ", ".join(f"`{field}`" for field in connector.settings_type.__struct_fields__)
        assert f"| `{name}` | {settings} |" in guide
