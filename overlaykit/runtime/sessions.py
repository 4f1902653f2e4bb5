"""From the word SESSION on the command line to a session that is open in the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import redis

from overlaykit.config import Config
from overlaykit.errors import NotFound, UserError
from overlaykit.model.commands import ItemFeature, SessionClose, SessionOpen, Submission
from overlaykit.model.connectors import Capability, Connector
from overlaykit.model.outcomes import Outcome
from overlaykit.model.plugins import StandIn
from overlaykit.model.sessions import PLAY, SessionPlan
from overlaykit.plan import (
    LoadedPlan,
    Problem,
    Words,
    check_extensions,
    difference,
    load_plan,
    nearest_name,
    plan_error,
)
from overlaykit.pluginhost import Plugins
from overlaykit.recording import (
    Shift,
    first_seq,
    last_seq,
    lines_after,
    locate,
    opening,
    played_plan,
    recordings_in,
)
from overlaykit.rules import check_expressions
from overlaykit.runtime.orders import PlatformsOrder, PlayOrder
from overlaykit.runtime.standing_in import with_stand_ins
from overlaykit.runtime.state import read_json, write_json
from overlaykit.stock import SessionDirectory, SessionRecord, StockEngine
from overlaykit.words import words_in

SOURCE = "api:run"
PLAN_FILE = "session.toml"
SAMPLES = "sample_sessions"
FOLDERS_FILE = "sessions.json"
"""Session id → the folder whose plan it has, so that a session can be named by its id later."""


@dataclass(frozen=True)
class Opened:
    """A session that is open: `record` as the store has it, `plan` as it runs, `play` when a recording is to be played."""

    record: SessionRecord
    plan: SessionPlan
    new: bool
    play: PlayOrder | None = None
    platforms: PlatformsOrder | None = None


def samples(config: Config) -> dict[str, Path]:
    """The bundled sample sessions by name."""
    home = config.bundled / SAMPLES
    return {path.parent.name: path.parent for path in sorted(home.glob(f"*/{PLAN_FILE}"))}


def find_plan(word: str, config: Config) -> Path | None:
    """The folder or file that SESSION means; None when it can only be the id of a session in the store.

    In order: what exists on disk, a bundled sample, the folder that a session of this id was run from.
    """
    path = Path(word).expanduser()
    if path.exists():
        return path.absolute()
    if word in (bundled := samples(config)):
        return bundled[word]
    if path.suffix or len(path.parts) > 1 or not word:
        raise NotFound(f"there is no plan at {path}", remedy=_offer(config, path.name))
    if PLAY.search(word):  # a play has a plan of its own making, which stands in the store
        return None
    folder = plan_folder(config.state, word)
    return folder if folder is not None and folder.exists() else None


def load_checked_plan(path: Path, plugins: Plugins) -> LoadedPlan:
    """Reads a plan and checks what plugins and actions are to read of it. Raises PlanError with every problem."""
    loaded = load_plan(path)
    connectors = plugins.connectors
    offered: dict[str, Collection[str]] = {
        "theme": plugins.themes,
        "action": plugins.actions,
        "channel": connectors,
        "source": _able(connectors, Capability.STOCK_LEVELS),
        "notifier": _able(connectors, Capability.NOTIFY),
    }
    # Where nothing is offered, nothing acts on the name either.
    known = {kind: names for kind, names in offered.items() if names}
    problems = check_extensions(
        loaded, settings_type=plugins.settings_type, action_type=plugins.action_type, known=known
    )
    problems += _left_out(loaded, known, plugins)
    problems += check_expressions(loaded)
    if problems:
        raise plan_error(problems)
    return loaded


def _left_out(loaded: LoadedPlan, known: Mapping[str, Collection[str]], plugins: Plugins) -> list[Problem]:
    """Plugins that failed, where the plan names something that nobody brings: it may be theirs."""
    names = [(each.kind, each.plugin) for each in loaded.settings] + [("action", each.action) for each in loaded.do]
    if all(name in known[kind] for kind, name in names if kind in known):
        return []
    return [
        Problem(
            file=status.where,
            what=Words(
                f"the plugin {status.name} is set aside: {words_in(status.reason).en}",
                f"插件 {status.name} 已停用：{words_in(status.reason).zh}",
            ),
        )
        for status in plugins.statuses
        if status.kind == "plugin" and status.state == "failed"
    ]


def _able(connectors: Mapping[str, type[Connector[Any]]], capability: Capability) -> list[str]:
    """The connectors that can do it."""
    return [name for name, connector in connectors.items() if capability in connector.capabilities]


def recorded_until(recordings: Path, session: str) -> int:
    """The last entry of the session that any recorder of this machine has on disk; 0 without one."""
    return max((last_seq(path) for path in _newest(recordings, session)), default=0)


def _newest(recordings: Path, session: str) -> list[Path]:
    """The newest recording of each recorder of this machine."""
    return [found[-1] for folder in (recordings / session).glob("*") if (found := recordings_in(folder))]


def give_back(client: redis.Redis, ledger: str, recordings: Path, session: str) -> int:
    """A session that was recorded and of which the store knows nothing: the store gets the longest recording back. Gives
    how many entries that were, 0 when there was nothing to do.

    The key with which buyers are hashed was the store's alone: what a buyer bought before no longer counts for limits.
    """
    engine = StockEngine(client, ledger)
    whole = [path for path in _newest(recordings, session) if first_seq(path) == 1]
    if not whole or engine.resolve_head() is not None:
        return 0
    engine.make_secret()
    return len(engine.reapply(lines_after(max(whole, key=last_seq), 0)))


def open_plan(client: redis.Redis, plan: SessionPlan, *, recorded: int = 0) -> Opened:
    """Makes the store plan and open a session, or goes on with it. UserError when it is closed or has another plan."""
    engine = StockEngine(client, plan.ledger)
    known = engine.resolve_head() is not None
    if known and (owner := engine.state().plan.id) != plan.id:
        raise UserError(
            f"the ledger {plan.ledger!r} belongs to the session {owner!r}",
            remedy="Rooms that share units are channels of one session for now: give this plan a ledger of its own, or add "
            f"its channels to the plan of {owner!r}.",
        )
    outcome = msgspec.json.decode(engine.plan(plan, source=SOURCE), type=Outcome)
    if outcome.status == "conflict" and any(
        difference(engine.state().plan, plan)
    ):  # else the evening made it what it is
        raise UserError(
            f"the session {plan.id!r} is in the store already, with another plan than this file's",
            remedy="The running numbers belong to the plan they began with. Either put the file back as it was, and "
            f"change stock and items while it runs; or give the file a new id, such as {_next_id(plan.id)!r}, and "
            "start a new session.",
        )
    directory = SessionDirectory(client)
    directory.add(plan.id, plan.ledger)
    record = directory.get(plan.id)
    refuse_closed(record)
    if record.status == "planned" and recorded <= engine.seen.seq:  # else a director has to give entries back first
        _go_live(engine, plan)
        record = directory.get(plan.id)
    return Opened(record, plan, new=outcome.status == "accepted")


def open_known(client: redis.Redis, session: str, config: Config) -> Opened:
    """Goes on with a session of the store, named by its id. Raises NotFound, listing what there is instead."""
    try:
        record = SessionDirectory(client).get(session)
    except NotFound as error:
        message = f"{session!r} is no folder and no bundled sample, and {error.message}"
        known = [record.id for record in SessionDirectory(client).list()]
        raise NotFound(message, remedy=_offer(config, session, known)) from None
    refuse_closed(record)
    engine = StockEngine(client, record.ledger)
    plan = engine.state().plan
    if record.status == "planned" and recorded_until(config.recordings, record.id) <= engine.seen.seq:
        _go_live(engine, plan)
    return Opened(record, plan, new=False)


def _go_live(engine: StockEngine, plan: SessionPlan) -> None:
    """Opens the session with its first item on air, all variants of its link together."""
    first = plan.items[0]
    feature = ItemFeature(sku=first.sku) if first.link is None else ItemFeature(link=first.link)
    engine.submit(
        [
            Submission(f"open-{plan.id}", SessionOpen(), SOURCE),
            Submission(f"on-air-{plan.id}", feature, SOURCE),
        ]
    )


def find_recording(folder: Path) -> Path:
    """The recording beside a plan. NotFound without one."""
    try:
        return locate(folder)
    except NotFound:
        raise NotFound(
            f"{folder} holds no recording.jsonl to play",
            remedy="Put one beside the plan, or run the session without --play and send orders yourself.",
        ) from None


def open_play(
    client: redis.Redis,
    loaded: LoadedPlan,
    *,
    speed: float,
    alone: bool,
    stand_ins: Mapping[str, type[StandIn]],
    room: str,
) -> Opened:
    """A new session that plays the recording beside the plan. Raises RecordingError, or NotFound without one.

    stand_ins, room   made-up platforms for its channels, which find the room at this address

    `alone`: nobody else uses this store, so earlier plays of the plan have ended, and are closed.
    """
    recording = find_recording(loaded.folder)
    if speed <= 0:
        raise UserError(f"--speed {speed:g} is no speed", remedy="1 is the recorded pace, 10 ten times as fast.")
    known = SessionDirectory(client).list()
    session = _numbered(loaded.session.id, [record.id for record in known])
    shift = Shift(base=opening(recording), start=dt.datetime.now(dt.UTC), speed=speed)
    plan, platforms = with_stand_ins(
        played_plan(loaded.session, session=session, shift=shift), stand_ins, room=room, speed=speed
    )
    opened = open_plan(client, plan)
    play = PlayOrder(
        recording=str(recording),
        session=session,
        ledger=opened.plan.ledger,
        base=shift.base,
        start=shift.start,
        speed=speed,
        without=() if platforms is None else tuple(f"connector:{each.channel}" for each in platforms.channels),
    )
    if alone:
        _close_plays(client, loaded.session.id, known)
    return Opened(opened.record, opened.plan, new=True, play=play, platforms=platforms)


def _close_plays(client: redis.Redis, id: str, known: Sequence[SessionRecord]) -> None:
    """Otherwise every demo ever shown would be looked after for good."""
    for record in known:
        if record.status in ("live", "frozen") and _play_number(id, record.id):
            reason = SessionClose(reason="another play began")
            StockEngine(client, record.ledger).submit([Submission(f"close-{record.id}", reason, SOURCE)])


def open_plans(client: redis.Redis) -> list[SessionPlan]:
    """The plans of all sessions of the store that are open."""
    records = SessionDirectory(client).list()
    return [StockEngine(client, each.ledger).state().plan for each in records if each.status in ("live", "frozen")]


def remember_folder(state: Path, session: str, folder: Path) -> None:
    """So that `run ID` finds the plan's folder again, and web its pictures."""
    path = state / FOLDERS_FILE
    known = read_json(path, dict[str, str]) or {}
    if known.get(session) != str(folder):
        write_json(path, {**known, session: str(folder)})


def plan_folder(state: Path, session: str) -> Path | None:
    """The folder of the session's plan, as it was remembered; None when it never ran on this state folder."""
    known = read_json(state / FOLDERS_FILE, dict[str, str]) or {}
    return Path(known[session]) if session in known else None


def refuse_closed(record: SessionRecord) -> None:
    """Raises UserError for a session that is over."""
    if record.status == "closed":
        raise UserError(
            f"场次 {record.id} 已经结束 / the session {record.id!r} is closed",
            remedy="录像还在。再开一场，在 session.toml 里换一个 id / Its recording stays. For another evening give the plan "
            f"a new id, such as {_next_id(record.id)!r}.",
        )


def _numbered(id: str, known: Sequence[str]) -> str:
    return f"{id}-play-{max((_play_number(id, each) for each in known), default=0) + 1}"


def _play_number(id: str, session: str) -> int:
    """N of `ID-play-N`; 0 for a session that is no play of this plan."""
    prefix = f"{id}-play-"
    rest = session[len(prefix) :] if session.startswith(prefix) else ""
    return int(rest) if rest.isascii() and rest.isdecimal() else 0


def _next_id(id: str) -> str:
    stem, dash, number = id.rpartition("-")
    return f"{stem}-{int(number) + 1}" if dash and number.isdecimal() and len(number) < 4 else f"{id}-2"


def _offer(config: Config, word: str, sessions: Sequence[str] = ()) -> str:
    bundled = list(samples(config))
    near = nearest_name(word, [*bundled, *sessions])
    meant = f"Did you mean {near!r}? " if near is not None else ""
    return (
        f"{meant}Give a folder with a {PLAN_FILE}, such a file, or the name of a bundled sample: "
        f"{', '.join(bundled) or 'none here'}."
    )
