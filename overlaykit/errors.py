"""Every error that overlaykit raises on purpose.

    OverlaykitError
    ├── UserError            somebody can mend it: shown without a traceback, exit status 2
    │   ├── PlanError        session.toml, an item table, or a setting in it
    │   ├── ThemeError       theme.toml or a template
    │   ├── PluginError      a plugin that cannot be loaded or used
    │   ├── RecordingError   a recording that cannot be read, or whose chain is broken
    │   ├── NotFound         a session, theme, plugin or file that does not exist
    │   ├── StateError       the state folder: locked, unreadable, taken port
    │   └── ObsError         something with an OBS
    │       ├── ObsAway      it is not reached, or does not answer
    │       ├── ObsRefused   it answered that it will not, or cannot
    │       └── ObsSkipped   it was not asked: too late, or a person has the scene
    ├── PlatformError        a platform did not do what was asked, or sent what cannot be read
    │   ├── BadMessage       a message that cannot be read (HTTP 400)
    │   ├── PlatformAway     no answer, or "not now": asked again later
    │   └── PlatformRefused  an answer that says no: asking again changes nothing
    ├── InvalidCommand       a command that does not have the documented shape (HTTP 422)
    └── StoreError
        ├── StoreAway        the store did not answer: the call may have run; repeat it with the same ids (HTTP 503)
        └── StoreBehind      the store holds less than was acknowledged: nothing was written (HTTP 503)

A message says what is wrong and what was expected; `remedy` says what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence

from overlaykit.words import Words, words_in


class OverlaykitError(Exception):
    """Base of all. `str(error)` is the message, with the remedy after it when there is one."""

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message

    @property
    def words(self) -> Words:
        """The same in each language, where both are in it."""
        said = [words_in(text) for text in (self.message, self.remedy) if text]
        return Words("\n".join(words.en for words in said), "\n".join(words.zh for words in said))


class UserError(OverlaykitError):
    """Somebody in front of the screen can mend it. The command line prints it and exits with 2."""


class PlanError(UserError):
    """One or more problems in a plan; `problems` holds them, each with its place."""

    def __init__(self, message: str, *, problems: Sequence[object] = (), remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.problems = tuple(problems)


class ThemeError(UserError):
    """A theme's manifest or template is wrong."""


class PluginError(UserError):
    """A plugin cannot be loaded or used."""


class RecordingError(UserError):
    """A recording cannot be read, or line `line` of it (1-based) is not what was written."""

    def __init__(self, message: str, *, line: int | None = None, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.line = line


class NotFound(UserError):
    """What was named does not exist."""


class StateError(UserError):
    """The state folder or a port is not ours to use."""


class ObsError(UserError):
    """An OBS did not do what was asked. `chinese` is the message in Chinese."""

    def __init__(self, message: str, chinese: str, *, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.chinese = chinese


class ObsAway(ObsError):
    """No connection, or no answer on it: what was sent may have been done. `code` is the code with which OBS closed it."""

    def __init__(self, message: str, chinese: str, *, code: int | None = None, remedy: str | None = None) -> None:
        super().__init__(message, chinese, remedy=remedy)
        self.code = code


class ObsRefused(ObsError):
    """An answer that says no. `code` is obs-websocket's status: 600 not found, 207 not ready yet …"""

    def __init__(self, message: str, chinese: str, *, code: int, remedy: str | None = None) -> None:
        super().__init__(message, chinese, remedy=remedy)
        self.code = code


class ObsSkipped(ObsError):
    """It was not done, on purpose: its time was over, or a person has the scene."""


class PlatformError(OverlaykitError):
    """A platform did not do what was asked, or sent what cannot be read."""


class BadMessage(PlatformError):
    """A message of a platform that cannot be read: it is answered 400, and moves nothing. Or an answer of it: asked again for a
    while, since a maintenance page or a proxy's may stand in its place."""


class WrongTime(BadMessage):
    """A message that is signed as it should be, for a time too far from ours: a clock is wrong, or it is an old one sent again.

    seconds  by which its time is later than ours; negative: earlier
    """

    def __init__(self, seconds: float) -> None:
        minutes, side, later = abs(seconds) / 60, "晚" if seconds > 0 else "早", "after" if seconds > 0 else "before"
        super().__init__(
            f"消息签名正确，但时间比本机{side} {minutes:.0f} 分钟 / its signature is right, but it is signed for a time "
            f"{minutes:.0f} min {later} ours",
            remedy="校准本机和对方的时钟 / Look at both clocks: `timedatectl` says whether this machine's is set.",
        )
        self.seconds = seconds


class PlatformAway(PlatformError):
    """A platform did not answer, or said "not now": what was asked may have been done. `after`: seconds that it asks to wait."""

    def __init__(self, message: str, *, after: float | None = None, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.after = after


class PlatformRefused(PlatformError):
    """A platform's answer that says no. `status` is HTTP's, `code` the platform's own."""

    def __init__(self, message: str, *, status: int | None = None, code: str = "", remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.status, self.code = status, code


class InvalidCommand(OverlaykitError):
    """A command without the documented shape. `errors` holds (path, message) pairs; `id` is its id when it could be read."""

    def __init__(self, errors: Sequence[tuple[str, Words]], *, id: str | None = None) -> None:
        super().__init__("; ".join(f"{path}: {said.en}" if path else said.en for path, said in errors))
        self.errors = tuple(errors)
        self.id = id

    @property
    def words(self) -> Words:
        return Words(self.message, "；".join(f"{path}：{said.zh}" if path else said.zh for path, said in self.errors))


class StoreError(OverlaykitError):
    """The store could not do what was asked."""


class StoreAway(StoreError):
    """No answer. What was sent may or may not have run; sending it again with the same ids is safe."""


class StoreBehind(StoreError):
    """The store holds less than it acknowledged before, or another epoch. Nothing was written."""
