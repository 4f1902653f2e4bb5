"""`overlaykit theme new` and `theme check`, as an author meets them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.cli.program import main

Ended = subprocess.CompletedProcess[str]


@pytest.fixture
def theme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Does what `overlaykit theme ARGUMENTS` does in a folder of its own, to its end."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ended:
        words = ["theme", *map(str, arguments)]
        with pytest.raises(SystemExit) as ended:
            main(words)
        return Ended(words, int(ended.value.code or 0), *capsys.readouterr())

    return run


def test_a_new_theme_passes_its_check_and_says_what_to_do_next(theme: Callable[..., Ended], tmp_path: Path) -> None:
    made = theme("new", "autumn", "--layouts", "number,card,coming")
    assert made.returncode == 0, made.stderr
    assert "overlaykit theme preview autumn" in made.stdout
    assert {file.name for file in (tmp_path / "autumn").iterdir()} == {
        "theme.toml",
        "parts.html",
        "number.html",
        "card.html",
        "coming.html",
        "style.css",
    }

    checked = theme("check", "autumn", "--no-browser")
    assert (checked.returncode, checked.stdout) == (0, "✓ autumn  nothing found\n")


def test_a_child_has_only_what_differs_and_passes_too(theme: Callable[..., Ended], tmp_path: Path) -> None:
    assert theme("new", "mine", "--extends", "classic").returncode == 0
    assert {file.name for file in (tmp_path / "mine").iterdir()} == {"theme.toml", "style.css"}

    checked = theme("check", "mine", "--no-browser")
    assert checked.returncode == 0, checked.stdout


def test_new_overwrites_nothing(theme: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "autumn").mkdir()
    (tmp_path / "autumn" / "style.css").write_text("mine")

    refused = theme("new", "autumn")

    assert refused.returncode == 2
    assert "nothing is overwritten" in refused.stderr
    assert (tmp_path / "autumn" / "style.css").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["new", "Herbst!"], "small letters"),
        (["new", "../up"], "small letters"),
        (["new", "a", "--layouts", "numbr"], "Did you mean 'number'"),
        (["new", "a", "--extends", "clasic"], "Did you mean 'classic'"),
        (["new", "a", "--extends", "classic", "--layouts", "card"], "Leave --layouts out"),
        (["check", "clasic"], "Did you mean 'classic'"),
        (["check", "."], "theme.toml"),
    ],
    ids=" ".join,
)
def test_mistakes_are_told_with_what_to_do(
    theme: Callable[..., Ended], tmp_path: Path, arguments: list[str], says: str
) -> None:
    ended = theme(*arguments)
    assert ended.returncode == 2
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == []


def test_check_tells_file_line_reason_and_remedy_and_fails(theme: Callable[..., Ended], tmp_path: Path) -> None:
    theme("new", "autumn")
    page = tmp_path / "autumn" / "number.html"
    page.write_text(page.read_text().replace("item.title", "item.titel"))

    checked = theme("check", tmp_path / "autumn", "--no-browser")
    assert checked.returncode == 1
    assert "number.html:4" in checked.stdout
    assert "Did you mean 'title'" in checked.stdout

    lines = theme("check", tmp_path / "autumn" / "theme.toml", "--json", "--no-browser").stdout.splitlines()
    assert {json.loads(line)["level"] for line in lines} == {"error"}
    assert {(json.loads(line)["file"], json.loads(line)["line"]) for line in lines} == {("number.html", 4)}


def test_a_folder_may_extend_the_one_beside_it(theme: Callable[..., Ended], tmp_path: Path) -> None:
    theme("new", "autumn")
    child = tmp_path / "late"
    child.mkdir()
    (child / "theme.toml").write_text('id = "late"\nname = "Late"\nversion = "1"\nextends = "autumn"\n', "utf-8")

    checked = theme("check", "late", "--no-browser")

    assert checked.returncode == 0, checked.stdout
