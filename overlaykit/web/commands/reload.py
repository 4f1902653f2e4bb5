"""plan.reload: reads session.toml again, sends what may change as commands of its own, and says what stays and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

import gevent
import msgspec

from overlaykit.errors import PlanError
from overlaykit.model.commands import PlanReload, Submission, type_of
from overlaykit.model.outcomes import AppliedPart, FieldProblem, Outcome, RefusedPart
from overlaykit.model.sessions import SessionPlan
from overlaykit.plan import Change, Kept, Problem, Words, difference, load_plan, plan_error
from overlaykit.rules import check_expressions
from overlaykit.stock import CALL_AT_MOST, SessionRecord
from overlaykit.web.commands.reload_words import ChangeWords
from overlaykit.web.services import Services
from overlaykit.web.turns import in_turns

ID_DIGEST_BYTES = 12

ELSEWHERE = Words(
    "this web process does not have the session's folder: its plan is read where `overlaykit run` was started",
    "这个 web 进程所在的机器没有场次文件夹：请在运行 `overlaykit run` 的机器上重新读取方案",
)
A_PLAY = Words(
    "{running} is a play of a recording: its plan was made from the file, and is not the file's",
    "{running} 是录像回放，它的方案由文件改写而来，不能重新读取",
)
ANOTHER = Words(
    "the file now has the id {written}, and the session that runs is {running}: that is another session",
    "文件里的编号是 {written}，正在进行的场次是 {running}：这是另一场",
)


def reload_plan(services: Services, record: SessionRecord, submission: Submission) -> Outcome:
    """The outcome of a plan.reload. It takes no entry itself; repeating it does what is left to do.

    Refused as a whole: `no_plan_file` where the folder is elsewhere, `plan_error` with what is wrong with the file,
    `another_session`. Raises StoreAway, StoreBehind.
    """
    assert isinstance(submission.command, PlanReload)
    folder = services.folder_of(record.id)
    if folder is None:
        return _refused(submission, "no_plan_file", [("", ELSEWHERE)])
    # In a thread: reading a plan of 10,000 items takes half a second, and orders must not wait for it.
    written = gevent.get_hub().threadpool.apply(_read, (folder,))
    if isinstance(written, PlanError):
        return _refused(submission, "plan_error", list(_problems(written)))
    engine = services.engine(record.ledger)
    running = engine.state().plan
    if written.id != running.id:
        play = running.id.startswith(f"{written.id}-play-")
        return _refused(submission, "another_session", [("id", _filled(A_PLAY if play else ANOTHER, written, running))])
    # In a thread, too: there may be as many changes as there are items.
    found = gevent.get_hub().threadpool.apply(difference, (running, written))
    say = ChangeWords(running)
    refused = [_kept(each) for each in found.kept]
    dry_run = submission.command.dry_run
    applied: list[AppliedPart] = []
    if dry_run:
        applied = [_applied(each, say) for each in in_turns(found.changes)]
    else:
        for start in range(0, len(found.changes), CALL_AT_MOST):
            part = found.changes[start : start + CALL_AT_MOST]
            answers = engine.submit([_submission(each, submission) for each in part])
            outcomes = [msgspec.json.decode(answer, type=Outcome) for answer in answers]
            _sort(part, outcomes, say, applied, refused)
    return Outcome(submission.id, "accepted", applied=applied, refused=refused, dry_run=dry_run)


def _read(folder: Path) -> SessionPlan | PlanError:
    """What the file says. Rules and texts count from the next session on; a mistake in them is told now, not at its start."""
    try:
        loaded = load_plan(folder)
    except PlanError as error:  # returned, since the pool would print one that is raised
        return error
    problems = check_expressions(loaded)
    return plan_error(problems) if problems else loaded.session


def _submission(change: Change, reload: Submission) -> Submission:
    """Its id follows from the reload's and from what it says: a reload that is repeated repeats its commands."""
    said = msgspec.json.encode([reload.id, change.command], order="deterministic")
    return Submission(f"reload-{blake2b(said, digest_size=ID_DIGEST_BYTES).hexdigest()}", change.command, reload.source)


def _applied(change: Change, say: ChangeWords, seq: int | None = None) -> AppliedPart:
    words, fields = say.of(change), tuple(each.name for each in change.fields)
    return AppliedPart(change.part, type_of(change.command), fields, words.en, words.zh, seq)


def _sort(
    changes: Sequence[Change],
    outcomes: Sequence[Outcome],
    say: ChangeWords,
    applied: list[AppliedPart],
    refused: list[RefusedPart],
) -> None:
    for change, outcome in in_turns(zip(changes, outcomes, strict=True)):
        answer = outcome.first or outcome
        kind = type_of(change.command)
        if answer.status == "accepted":
            applied.append(_applied(change, say, answer.seq))
            continue
        reason = answer.reason or answer.status
        words = Words(f"{kind} was refused: {reason}", f"{kind} 被拒绝：{reason}")
        refused.append(RefusedPart(change.part, reason, words.en, words.zh))


def _kept(kept: Kept) -> RefusedPart:
    return RefusedPart(kept.part, kept.reason, kept.words.en, kept.words.zh)


def _problems(error: PlanError) -> Iterator[tuple[str, Words]]:
    for problem in error.problems:
        assert isinstance(problem, Problem)
        yield problem.key or "", Words(problem.text("en"), problem.text("zh"))


def _filled(words: Words, written: SessionPlan, running: SessionPlan) -> Words:
    return Words(*(text.format(written=written.id, running=running.id) for text in words))


def _refused(submission: Submission, reason: str, problems: Sequence[tuple[str, Words]]) -> Outcome:
    errors = [FieldProblem.of(path, words) for path, words in problems]
    assert isinstance(submission.command, PlanReload)
    return Outcome(submission.id, "refused", reason=reason, errors=errors, dry_run=submission.command.dry_run)
