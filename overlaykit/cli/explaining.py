"""`overlaykit session explain`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import click
import msgspec
from rich.console import Console
from rich.markup import escape

from overlaykit.board.fold import OutOfOrder
from overlaykit.cli.finding import find_session
from overlaykit.cli.options import config_of, redis_option, state_option
from overlaykit.cli.screen import progress_bar
from overlaykit.config import Config, bundled_folder
from overlaykit.errors import NotFound, UserError
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import Words, load_plan, nearest_name, plan_error, words_in
from overlaykit.recording import first_seq, last_seq, ledger_lines, locate, recordings_in
from overlaykit.rules import check_expressions
from overlaykit.rules.explain import Event, Explanation, RuleStory, explain
from overlaykit.runtime.room import reached_store
from overlaykit.stock import Auditor, SessionDirectory
from overlaykit.stock.auditing import Progress
from overlaykit.store.routing import StoreClient

SHOWN = 12
"""Events of a rule that are shown; all of them with --rule."""
SHOWN_ACTIONS = 8
SHOW_EVERY = 5000
"""Entries between two steps of the bar."""

_HELD = {
    "session": Words("not open", "未开播"),
    "disabled": Words("off", "已停用"),
    "rearm": Words("not back", "未恢复"),
    "once": Words("once", "已触发过"),
    "cooldown": Words("cooldown", "冷却中"),
    "storm": Words("too often", "太频繁"),
    "if": Words("if", "条件"),
    "short": Words("too short", "不够久"),
    "near": Words("near", "接近"),
}
_WHAT = {
    "fired": Words("fired", "触发"),
    "due": Words("would fire", "应触发"),
    "late": Words("too late", "过时未做"),
}
_COLOUR = {"fired": "green", "due": "cyan", "late": "red", "held": "yellow"}
_STATUS_MARK = {"done": "[green]✓[/]", "task": "[yellow]→[/]", "skipped": "[dim]–[/]"}


@click.command(
    name="explain",
    epilog="""\b
Example:
  overlaykit session explain brand-1111
  overlaykit session explain current --rule last-50
  overlaykit session explain flash_sale --plan my_session --json
""",
)
@click.argument("session", metavar="SESSION|RECORDING")
@click.option("--rule", metavar="NAME", help="Only this rule, with everything there is to say of it.")
@click.option(
    "--plan",
    type=click.Path(path_type=Path),
    metavar="PLAN",
    help="With the rules that this session.toml has, to see what they would have done that evening.",
)
@click.option("--json", "as_json", is_flag=True, help="For a program: one JSON object.")
@redis_option
@state_option
def explain_command(
    session: str, rule: str | None, plan: Path | None, as_json: bool, redis: str | None, state: Path
) -> int:
    """Say of each rule when it fired, when nearly, what held it back, and what came of its actions.

    SESSION is in the store, RECORDING a recording or the folder that it is in. The rules are followed through the ledger again,
    entry by entry; of a recording made without a director it says when they would have fired.
    """
    recording = _recording(session)
    rules_of = None if plan is None else _checked(plan)
    with progress_bar(Console(stderr=True, quiet=as_json), "reading entries") as progress:
        if recording is not None:
            found = _explained((line for _, line in ledger_lines(recording, progress)), rules_of)
        else:
            found = _of_session(session, config_of(state, redis=redis), rules_of, progress)
    if rule is not None:
        found = msgspec.structs.replace(found, rules=[_one(found, rule)])
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        _show(Console(highlight=False), found, alone=rule is not None)
    return 0


def _recording(word: str) -> Path | None:
    """The recording that SESSION|RECORDING means: a path, or a bundled sample's name. None for a session, also where it is named
    by its plan."""
    path = Path(word).expanduser()
    plan = path if path.suffix == ".toml" else path / "session.toml"
    if path.exists() and not (plan.is_file() and (path.is_file() or not recordings_in(path))):
        return locate(path)
    sample = bundled_folder() / "sample_sessions" / word
    return locate(sample) if len(path.parts) == 1 and sample.is_dir() and recordings_in(sample) else None


def _of_session(word: str, config: Config, rules_of: SessionPlan | None, progress: Progress) -> Explanation:
    """From the store, and from the recordings of this machine where the store has trimmed its ledger."""
    if config.redis_url is None and not config.state.expanduser().exists():
        raise NotFound(
            f"there is no state folder {config.state}", remedy="Name the one that the room runs on with --state."
        )
    with reached_store(config) as client:
        record = find_session(SessionDirectory(client), word, config)
        auditor = Auditor(cast(StoreClient, client), record.ledger)
        last = auditor.state().seq
        lines = _all_lines(auditor, last, config.recordings / record.id)
        return _explained(_counted(lines, last, progress), rules_of)


def _all_lines(auditor: Auditor, last: int, recordings: Path) -> Iterator[bytes]:
    begin = next(auditor.lines(0, 1), None)
    if begin is not None and first_seq_of(begin) == 1:
        yield from chain([begin], auditor.lines(1, last))
        return
    whole = [path for folder in recordings.glob("*") for path in recordings_in(folder) if first_seq(path) == 1]
    if not whole:
        raise NotFound(
            "the first entries of this session are not in the store any more, and this machine has no recording of them",
            remedy="Give a recording that begins with entry 1: overlaykit session explain PATH.",
        )
    longest = max(whole, key=last_seq)
    seq = last_seq(longest)
    yield from (line for _, line in ledger_lines(longest))
    yield from auditor.lines(seq, last)


def _counted(lines: Iterator[bytes], last: int, progress: Progress) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        if number % SHOW_EVERY == 0:
            progress(number, last)
        yield line


def first_seq_of(line: bytes) -> int:
    """The seq of a ledger line."""
    return msgspec.json.decode(line, type=_Seq).seq


class _Seq(msgspec.Struct):
    seq: int


def _checked(plan: Path) -> SessionPlan:
    """The plan; PlanError when its rules cannot be followed."""
    loaded = load_plan(plan)
    problems = check_expressions(loaded)
    if problems:
        raise plan_error(problems)
    return loaded.session


def _explained(lines: Iterator[bytes], rules_of: SessionPlan | None) -> Explanation:
    try:
        return explain(lines, rules_of=rules_of)
    except StopIteration:
        raise UserError("there are no entries", remedy="Give a recording with at least one line.") from None
    except OutOfOrder as error:
        raise UserError(f"the rules cannot be followed: {error}", remedy="Give a recording that is whole.") from None


def _one(found: Explanation, name: str) -> RuleStory:
    names = [story.name for story in found.rules]
    for story in found.rules:
        if story.name == name:
            return story
    near = nearest_name(name, names)
    meant = f"Did you mean {near!r}? " if near is not None else ""
    raise NotFound(f"there is no rule {name!r}", remedy=f"{meant}There are: {', '.join(names) or 'none'}.")


# ------------------------------------------------------------------------------------------------------------------ shown


def _show(console: Console, found: Explanation, *, alone: bool) -> None:
    zone, locale = ZoneInfo(found.timezone), found.locale
    console.print(f"{escape(found.session)}, entry {found.seq:,}: {escape(found.title)}", soft_wrap=True)
    if not found.rules:
        console.print(Words("  It has no rules.", "  这一场没有规则。").within(locale))
    for story in found.rules:
        console.print()
        off = "" if story.enabled else Words(" (off)", "（已停用）").within(locale)
        console.print(f"[bold]{escape(story.name)}[/]  {escape(_said(story))}{off}", soft_wrap=True)
        if not story.events:
            console.print(Words("  nothing happened", "  没有发生过").within(locale))
        shown = story.events if alone else story.events[-SHOWN:]
        if hidden := len(story.events) - len(shown):
            console.print(Words(f"  … {hidden} before", f"  …… 之前还有 {hidden} 次").within(locale))
        for event in shown:
            _show_event(console, event, zone, locale)


def _said(story: RuleStory) -> str:
    said = story.when or story.title
    if story.sku:
        said += f"  [{story.sku}]"
    return f"{said}  if {story.condition}" if story.condition else said


def _show_event(console: Console, event: Event, zone: ZoneInfo, locale: str) -> None:
    at = dt.datetime.fromisoformat(event.at).astimezone(zone)
    what = _HELD[event.held] if event.held else _WHAT[event.what]
    about = f"{escape(event.sku)}: " if event.sku else ""
    colour, why = _COLOUR[event.what], escape(words_in(event.why).within(locale))
    console.print(
        f"  {at:%H:%M:%S}  [{colour}]{what.within(locale)}[/]  {about}{why}  [dim]#{event.seq}[/]",
        soft_wrap=True,
    )
    for done in event.actions[:SHOWN_ACTIONS]:
        target = f" → {done.target}" if done.target else ""
        mark = _STATUS_MARK.get(done.status, "[red]✗[/]")
        detail = f": {words_in(done.detail).within(locale)}" if done.detail else ""
        status = "" if done.status == "done" else f" ({done.status})"
        console.print(f"            {mark} {escape(f'{done.action}{target}{status}{detail}')}", soft_wrap=True)
