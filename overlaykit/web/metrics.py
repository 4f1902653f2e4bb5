"""What web measures of itself, for Prometheus. One registry per application, nothing global."""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from overlaykit.web.http.sockets import Sockets
    from overlaykit.web.rooms import Rooms

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)
DELAYS = (0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.1, 0.25, 1.0)
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The counters that code increments; numbers that exist elsewhere are read when somebody asks."""

    def __init__(self, rooms: Rooms, sockets: Sockets) -> None:
        self._registry = CollectorRegistry()
        self.commands = Counter(
            "overlaykit_commands", "Commands answered, by outcome", ["status"], registry=self._registry
        )
        self.engine_seconds = Histogram(
            "overlaykit_engine_call_seconds",
            "Seconds one call of the engine took",
            buckets=SECONDS,
            registry=self._registry,
        )
        self.engine_batch = Histogram(
            "overlaykit_engine_call_commands",
            "Commands in one call of the engine",
            buckets=BATCHES,
            registry=self._registry,
        )
        self.store_away = Counter("overlaykit_store_away", "Calls the store did not answer", registry=self._registry)
        self.frames = Counter("overlaykit_feed_frames", "Frames sent on board feeds", registry=self._registry)
        self.messages = Counter(
            "overlaykit_platform_messages",
            "Messages of platforms answered, by app and HTTP status",
            ["app", "status"],
            registry=self._registry,
        )
        self.message_seconds = Histogram(
            "overlaykit_platform_message_seconds",
            "Seconds from a whole message of a platform to its acknowledgement",
            buckets=SECONDS,
            registry=self._registry,
        )
        self.loop_delay = Histogram(
            "overlaykit_loop_delay_seconds",
            "Seconds by which a greenlet that is due had to wait for its turn",
            buckets=DELAYS,
            registry=self._registry,
        )
        self._registry.register(_Live(rooms, sockets))
        self._registry.register(_Direction(rooms))

    def message(self, app: str, status: int, seconds: float) -> None:
        """A message of a platform was answered."""
        self.messages.labels(app, status).inc()
        if status < 400:
            self.message_seconds.observe(seconds)

    def add(self, collector: Collector) -> None:
        """Further numbers that exist elsewhere."""
        self._registry.register(collector)

    def render(self) -> bytes:
        """The text exposition format."""
        return generate_latest(self._registry)


class _Direction(Collector):
    """How the director's work stands in the rooms that are followed. Every process that follows a room says the same of it."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def collect(self) -> Iterator[Metric]:
        fired = CounterMetricFamily("overlaykit_rule_firings", "Firings of a rule", labels=["session", "rule"])
        actions = CounterMetricFamily(
            "overlaykit_actions",
            "Actions of rules that ended since the room is followed, by what became of them",
            labels=["session", "status", "action"],
        )
        tasks = GaugeMetricFamily("overlaykit_tasks_open", "Tasks that wait for a person", labels=["session"])
        connected = GaugeMetricFamily("overlaykit_obs_connected", "1 while it is", labels=["session", "obs"])
        dropped = GaugeMetricFamily(
            "overlaykit_obs_dropped_frames", "Share of the stream's frames lost lately", labels=["session", "obs"]
        )
        silent = GaugeMetricFamily("overlaykit_source_silent", "1 while a source is", labels=["session", "source"])
        paused = GaugeMetricFamily("overlaykit_connector_paused", "1 while it is", labels=["session", "connector"])
        unmapped = GaugeMetricFamily(
            "overlaykit_orders_unmapped",
            "Orders that wait until somebody says which item a platform's sku is, counted once for each sku",
            labels=["session", "channel"],
        )
        for room in self._rooms.open():
            now = room.view().direction()
            for name, rule in now.rules.items():
                fired.add_metric([room.session, name], rule.fired)
            for (status, action), count in room.actions.items():
                actions.add_metric([room.session, status, action], count)
            tasks.add_metric([room.session], len(now.tasks))
            for name, obs in now.obs.items():
                connected.add_metric([room.session, name], float(obs.connected))
                if obs.dropped_frames is not None:
                    dropped.add_metric([room.session, name], obs.dropped_frames)
            for name, source in now.sources.items():
                silent.add_metric([room.session, name], float(source.silent_since is not None))
            for name, connector in now.connectors.items():
                paused.add_metric([room.session, name], float(connector.paused))
            waiting = Counts[str]()
            for each in now.unmapped:
                waiting[each.channel] += each.orders
            for channel, orders in waiting.items():
                unmapped.add_metric([room.session, channel], orders)
        yield from (fired, actions, tasks, connected, dropped, silent, paused, unmapped)


class _Live(Collector):
    """What rooms and sockets know of themselves."""

    def __init__(self, rooms: Rooms, sockets: Sockets) -> None:
        self._rooms = rooms
        self._sockets = sockets

    def collect(self) -> Iterator[Metric]:
        sockets = GaugeMetricFamily("overlaykit_sockets", "WebSockets open")
        sockets.add_metric([], len(self._sockets.open))
        yield sockets
        cut = CounterMetricFamily("overlaykit_sockets_cut", "Clients cut because they took nothing for too long")
        cut.add_metric([], self._sockets.cut_clients)
        yield cut
        seq = GaugeMetricFamily("overlaykit_room_seq", "Last ledger entry folded", labels=["session"])
        stale = GaugeMetricFamily("overlaykit_room_stale", "1 while the store does not answer", labels=["session"])
        watchers = GaugeMetricFamily("overlaykit_room_watchers", "Views that follow the room", labels=["session"])
        for room in self._rooms.open():
            seq.add_metric([room.session], room.seq)
            stale.add_metric([room.session], float(room.stale))
            watchers.add_metric([room.session], room.watched)
        yield seq
        yield stale
        yield watchers
