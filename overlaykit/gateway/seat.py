"""One connector, alone: an instance on an event loop and in a thread of its own.

Whatever it does there, raise, block, leave the process, ends in an answer of the seat, and nobody else waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from overlaykit.errors import OverlaykitError, PlatformAway, PlatformError, PluginError, StoreError, UserError
from overlaykit.gateway.context import SectionContext
from overlaykit.model.connectors import Connector, Context
from overlaykit.pluginhost.status import sayable

T = TypeVar("T")

CALL_SECONDS = 10.0
"""For one call of a connector's method."""
BLOCKED_SECONDS = 2.0
"""Without a sign of life of its loop; then the connector counts as blocked."""
BEAT_EVERY = 0.25
ENDED_LOOK = 0.02
"""Seconds between two looks at whether its thread has ended."""
_STARTING = "is starting"


class Blocked(OverlaykitError):
    """The connector does not answer; what was asked of it may or may not have been done."""


class Seat:
    """Runs `make()` and the calls of what it made. `name` is for the thread: channel.douyin. `folder` is the plugin's, to
    name the line at which it failed."""

    def __init__(
        self, name: str, make: Callable[[], Connector[Any]], context: SectionContext, folder: Path | None = None
    ) -> None:
        self.name = name
        self._make, self._context, self._folder = make, context, folder
        self._connector: Connector[Any] | None = None
        self._failure: UserError | None = None
        self._heard = time.monotonic()
        self._made = threading.Event()
        self._ending = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"connector {name}", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> UserError | None:
        """Why there is no connector; None when there is one, or it is still being made."""
        return self._failure

    @property
    def blocked(self) -> str | None:
        """Where the connector has stood still for too long: `file, line n`; None while it lives."""
        if self._failure is not None or time.monotonic() - self._heard < BLOCKED_SECONDS:
            return None
        return self._place()

    async def call(self, work: Callable[[Connector[Any], Context], Awaitable[T]], seconds: float = CALL_SECONDS) -> T:
        """What `work` gives, done on the connector's own loop.

        Raises what it raised: OverlaykitError as it stands, anything else as PluginError with its line; TimeoutError after
        `seconds`; Blocked when not even that ended it; PluginError when there is no connector.
        """
        future = asyncio.run_coroutine_threadsafe(self._guarded(work, seconds), self._loop)
        wrapped = asyncio.wrap_future(future)
        try:
            done, _ = await asyncio.wait({wrapped}, timeout=seconds + BLOCKED_SECONDS)
            if not done:
                raise Blocked(
                    f"没有回应 / it has not come back for {seconds + BLOCKED_SECONDS:.0f} s ({self._place()})"
                )
            return wrapped.result()
        finally:
            future.cancel()

    async def follow(self, work: Callable[[Connector[Any], Context], Awaitable[None]], stop: asyncio.Event) -> None:
        """Something without an end, such as a chat: until it ends or raises, as `call` does, or `stop`; Blocked when its loop
        stands still."""
        future = asyncio.run_coroutine_threadsafe(self._guarded(work, None), self._loop)
        wrapped: asyncio.Future[Any] = asyncio.wrap_future(future)
        stopped: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
        try:
            while not wrapped.done() and not stopped.done():
                await asyncio.wait({wrapped, stopped}, timeout=BEAT_EVERY, return_when=asyncio.FIRST_COMPLETED)
                if (place := self.blocked) is not None:
                    raise Blocked(f"卡住了 / it blocks ({place})")
            if wrapped.done():
                wrapped.result()
        finally:
            stopped.cancel()
            future.cancel()

    async def close(self, seconds: float = 2.0) -> None:
        """Ends it: its own `close`, everything it still does, its thread. One that blocks is left behind."""
        if self._failure is None and self.blocked is None:
            try:
                # Whatever is wrong with it, it is not needed any more.
                with contextlib.suppress(UserError, PlatformError, StoreError, TimeoutError):
                    await self.call(lambda connector, _: connector.close(), seconds)
                with contextlib.suppress(UserError, PlatformError, StoreError, TimeoutError):
                    await self.call(lambda *_: self._context.close(), seconds)
            except Blocked:
                seconds = 0.0
        self._ending.set()
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            for _ in range(round(seconds / ENDED_LOOK)):
                if not self._thread.is_alive():
                    break
                await asyncio.sleep(ENDED_LOOK)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._connector = self._make()
        except BaseException as error:  # sys.exit() in a plugin is a failure like any other
            self._failure = _explained(error, self._folder)
        self._made.set()
        self._beat()
        try:
            while not self._ending.is_set():  # sys.exit() in a task of it, or a stop of its loop, ends nothing
                with contextlib.suppress(BaseException):
                    self._loop.run_forever()
        finally:
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(_ended(asyncio.all_tasks(self._loop)))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _beat(self) -> None:
        self._heard = time.monotonic()
        self._loop.call_later(BEAT_EVERY, self._beat)

    async def _guarded(self, work: Callable[[Connector[Any], Context], Awaitable[T]], seconds: float | None) -> T:
        if self._connector is None:
            raise self._failure or PluginError("没有这个连接器 / it is not there")
        try:
            async with asyncio.timeout(seconds):
                return await work(self._connector, self._context)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise _explained(error, self._folder) from None
        except TimeoutError:
            raise
        except (PlatformError, StoreError) as error:  # no mistake of the plugin: who called knows whether to ask again
            _tidy(error)
            if isinstance(error, PlatformAway) and not isinstance(error.after, int | float):
                error.after = None
            raise
        except BaseException as error:
            raise _explained(error, self._folder) from None

    def _place(self) -> str:
        """Where its thread stands: the innermost line of the plugin's own code, else of any."""
        frame = sys._current_frames().get(self._thread.ident or 0)
        if frame is None:
            return _STARTING if not self._made.is_set() else "its thread has ended"
        own = [
            each
            for each in _frames(frame)
            if self._folder and Path(each.f_code.co_filename).is_relative_to(self._folder)
        ]
        found = own[0] if own else frame
        file = Path(found.f_code.co_filename)
        shown = file.relative_to(self._folder.parent) if own and self._folder else file.name
        return f"{shown}, line {found.f_lineno}"


async def _ended(tasks: set[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


def _frames(frame: FrameType | None) -> list[FrameType]:
    """Innermost first."""
    found = []
    while frame is not None:
        found.append(frame)
        frame = frame.f_back
    return found


def _tidy(error: OverlaykitError) -> None:
    """Its words as they can be shown: a plugin chose them."""
    remedy = getattr(error, "remedy", None)
    error.message, error.remedy = sayable(getattr(error, "message", error)), sayable(remedy) if remedy else None


def _explained(error: BaseException, folder: Path | None) -> UserError:
    if isinstance(error, OverlaykitError):
        _tidy(error)
    if isinstance(error, UserError):
        return error
    if isinstance(error, OverlaykitError):
        return PluginError(error.message, remedy=error.remedy)
    said, kind = sayable(error), type(error).__name__
    text = kind if said in ("", kind) else f"{kind}: {said}"
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if folder is not None and Path(frame.filename).is_relative_to(folder)
    ]
    if own and folder is not None:
        text += f" ({Path(own[-1].filename).relative_to(folder.parent)}, line {own[-1].lineno})"
    return PluginError(text, remedy="请看网关的日志和插件的 README。 / See the gateway's log, and the plugin's README.")
