"""session.toml on disk → LoadedPlan, or a PlanError with everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from overlaykit.model.sessions import SessionPlan
from overlaykit.plan.channels import ALONE
from overlaykit.plan.form import Path, PlanForm
from overlaykit.plan.positions import Positions
from overlaykit.plan.problems import Problem, plan_error
from overlaykit.plan.reader import Finding, Findings, Reader, show
from overlaykit.plan.resolve import names_of, resolve
from overlaykit.plan.source import decode, parse, read_bytes, unstorable
from overlaykit.plan.table import ItemTable, read_table
from overlaykit.words import Words

FILE_NAME = "session.toml"

_NAMED_SECTIONS = frozenset({"location", "channel", "source", "notifier", "webhook", "relay", "obs", "emergency"})
_SINGLE_SECTIONS = frozenset({"script"})


@dataclass(frozen=True)
class SettingsTable:
    """A `settings` table as the author wrote it: of which section kind (channel, source, notifier), and for which plugin."""

    kind: str
    plugin: str
    path: Path
    table: Mapping[str, Any]


@dataclass(frozen=True)
class DoEntry:
    """One entry of a `do` list as the author wrote it."""

    action: str
    path: Path
    entry: Mapping[str, Any]


@dataclass(frozen=True)
class PlanText:
    """A plan as text and plain data, and how places in it are named."""

    file: str
    text: str
    data: Mapping[str, Any]
    table: ItemTable | None = None

    @cached_property
    def positions(self) -> Positions:
        return Positions(self.text)

    def problem(self, finding: Finding) -> Problem:
        """The finding with its file, line, section and key."""
        path = finding.path
        said = {"what": finding.what, "expected": finding.expected, "nearest": finding.nearest}
        if self.table is not None and len(path) > 1 and path[0] == "item":
            row, column = self.table.place(path)
            return Problem(file=self.table.file, line=row, key=column, table=True, **said)  # type: ignore[arg-type]
        section, key = self._section(path)
        return Problem(file=self.file, line=self.positions.line(path), section=section, key=key, **said)  # type: ignore[arg-type]

    def _section(self, path: Path) -> tuple[str | None, str | None]:
        """`[[item]] 3 (coat)` and `opening.hz`; counts in words shown to authors begin with 1."""
        split, header = 0, ""
        if len(path) > 1 and path[0] in _NAMED_SECTIONS:
            split, header = 2, f"[{path[0]}.{path[1]}]"
            if path[0] == "obs" and len(path) > 3 and path[2] == "text" and isinstance(path[3], int):
                split, header = 4, f"[[obs.{path[1]}.text]] {path[3] + 1}"
        elif len(path) > 1 and isinstance(path[1], int):
            split, header = 2, f"[[{path[0]}]] {path[1] + 1}{self._label(path)}"
        elif len(path) > 1 and path[0] in _SINGLE_SECTIONS:
            split, header = 1, f"[{path[0]}]"
        key = ""
        for step in path[split:]:
            key += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if key else step
        return header or None, key[:200] or None

    def _label(self, path: Path) -> str:
        rows = self.data.get(str(path[0]))
        row = rows[path[1]] if isinstance(rows, list) and isinstance(path[1], int) and path[1] < len(rows) else None
        label = (row.get("name") or row.get("sku")) if isinstance(row, dict) else None
        return f" ({label[:40]})" if isinstance(label, str) else ""


@dataclass(frozen=True)
class LoadedPlan:
    """A plan that was read and checked as far as it is ours.

    session         the resolved plan
    folder          the session's folder: pictures, item tables, its own plugins and themes
    source          text and plain data, to name places in further problems
    settings, do    what belongs to plugins and actions, raw; `check_extensions` checks it once they are known
    """

    session: SessionPlan
    folder: FilePath
    source: PlanText
    settings: tuple[SettingsTable, ...] = ()
    do: tuple[DoEntry, ...] = ()


def load_plan(path: FilePath, *, locale: str | None = None) -> LoadedPlan:
    """Reads `path`, a session.toml or the folder it is in.

    Raises PlanError; its `problems` are all Problems found in one go, its message is in `locale`, or without one in
    English and Chinese.
    """
    path = FilePath(path)
    try:
        file = path / FILE_NAME if path.is_dir() else path
    except (OSError, ValueError):
        file = path
    content, problems = read_bytes(file, file.name)
    if problems:
        raise plan_error(problems, locale=locale)
    text, problems = decode(content, file.name)
    data, faults = parse(text, file.name) if text or not problems else ({}, [])
    if faults or (problems and not text):
        raise plan_error([*problems, *faults], locale=locale)
    findings = Findings()
    table = _item_table(data, file.parent, findings)
    source = PlanText(file.name, text, data, table)
    session = _read(data, findings)
    do = tuple(_do_entries(data, findings))
    problems += table.problems if table else []
    problems += [source.problem(finding) for finding in findings.all if not _of_a_misnamed_column(finding, table)]
    if problems:
        raise plan_error(sorted(problems, key=_place), locale=locale)
    return LoadedPlan(session, file.parent, source, tuple(_settings(data)), do)


def _of_a_misnamed_column(finding: Finding, table: ItemTable | None) -> bool:
    """Whether rows lack their opening stock only because the table's column of it has a name that nobody knows."""
    if table is None or not table.problems or finding.path[0] != "item" or finding.path[2:] != ("opening",):
        return False
    return not any(path[0] == "opening" for path in table.columns)


def _place(problem: Problem) -> tuple[bool, int]:
    """By file, the plan first, and by line."""
    return problem.table, problem.line or 0


def _item_table(data: dict[str, Any], folder: FilePath, findings: Findings) -> ItemTable | None:
    """Reads the table that `items` names into data["item"]."""
    shown = data.get("items")
    if "item" in data and "items" in data:
        what = Words("both `item` and `items` are given", "`item` 和 `items` 两个都写了")
        findings.add(("items",), what, Words("one of them", "只写其中一个"))
    elif "item" not in data and "items" not in data:
        expected = Words('[[item]] sections, or items = "items.xlsx"', '[[item]]，或 items = "items.xlsx"')
        findings.add((), Words("there are no items", "没有商品"), expected)
    elif isinstance(shown, str) and shown.strip() and "\\" not in shown and "\x00" not in shown:
        titles = {
            section["title"]: name
            for name in names_of(data, "location")
            if isinstance(section := data["location"][name], dict) and isinstance(section.get("title"), str)
        }
        table = read_table(folder, shown, titles | {name: name for name in names_of(data, "location")})
        if table.items or not table.problems:
            data["item"] = table.items
        return table
    elif isinstance(shown, str) and "\\" in shown:
        findings.add(
            ("items",), Words(f"{show(shown)} holds a backslash", f"{show(shown)} 里有反斜杠"), Words("/", "用 / 分隔")
        )
    return None


def _read(data: Mapping[str, Any], findings: Findings) -> SessionPlan:
    form = Reader(findings, top=PlanForm).read(data, PlanForm, (), stand_in={"id": ALONE, "title": ALONE})
    named = {finding.path for finding in findings.all}
    for path, value in unstorable(data):
        if path not in named:
            what = Words(f"{show(value)} is not a number that can be used", f"{show(value)} 不是可用的数字")
            findings.add(path, what, Words("a number of ordinary size", "普通大小的数字"))
    return resolve(form, data, findings)


def _do_entries(data: Mapping[str, Any], findings: Findings) -> list[DoEntry]:
    found = []
    rules: list[tuple[Path, Any]] = [(("rule", index), row) for index, row in _numbered(data, "rule")]
    emergencies: list[tuple[Path, Any]] = [
        (("emergency", name), data["emergency"][name]) for name in names_of(data, "emergency")
    ]
    for at, row in [*rules, *emergencies]:
        entries = row.get("do") if isinstance(row, dict) else None
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if not isinstance(entry, dict):
                continue  # the form's reader reports it
            action = entry.get("action")
            if isinstance(action, str) and action.strip():
                found.append(DoEntry(action, (*at, "do", index), entry))
            else:
                what = Words("`action` is missing", "缺少 `action`（做什么）")
                expected = Words(
                    'such as { action = "announce", text = "…" }', '例如 { action = "announce", text = "…" }'
                )
                findings.add((*at, "do", index, "action"), what, expected)
    return found


def _numbered(data: Mapping[str, Any], section: str) -> list[tuple[int, Any]]:
    rows = data.get(section)
    return list(enumerate(rows)) if isinstance(rows, list) else []


def _settings(data: Mapping[str, Any]) -> list[SettingsTable]:
    """One for each source, notifier and app."""
    found = []
    channels = names_of(data, "channel")
    apps = {name: data["channel"][name].get("app") or name for name in channels}
    holders = {app: app if apps.get(app) == app else name for name, app in reversed(apps.items())}
    for kind, key in (("channel", "connector"), ("source", "plugin"), ("notifier", "plugin")):
        for name in names_of(data, kind):
            section = data[kind][name]
            if section.get(key) is not None and (kind != "channel" or holders[apps[name]] == name):
                found.append(SettingsTable(kind, section[key], (kind, name, "settings"), section.get("settings") or {}))
    return found
