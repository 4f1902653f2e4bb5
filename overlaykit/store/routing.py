"""A client that talks to one server, or to a cluster: each command goes to the node that serves its key.

redis-py's own cluster client repeats a command after a broken connection and a timeout, when it may have run. This one
sends a command again only where the answer to the first says that it has not run (MOVED, ASK); whatever else goes wrong
ends the call, and makes the next one ask first who serves what.

Readers of a stream have a client of their own. A redirection ends such a call too (`topology.may_follow`): the node that
answers from now on may hold less than was read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import redis
import redis.asyncio
from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError, ResponseError

from overlaykit.store.topology import Address, Topology, may_follow, slot_of, slot_of_command

TROUBLE = (redis.ConnectionError, redis.TimeoutError, OSError, ClusterDownError, ReadOnlyError)
"""After these, who serves what may have changed."""


class _Nodes:
    """What both clients share: a client of redis-py for each node, made when it is first needed."""

    topology: Topology
    _make: Callable[[Address], Any]
    _by_address: dict[Address, Any]
    _lock: threading.Lock

    def _begin(self, topology: Topology, make: Callable[[Address], Any]) -> None:
        self.topology, self._make = topology, make
        self._by_address, self._lock = {}, threading.Lock()

    def _node(self, address: Address) -> Any:
        found = self._by_address.get(address)
        if found is None:
            with self._lock:
                found = self._by_address.get(address) or self._make(address)
                self._by_address[address] = found
        return found

    def _take_nodes(self) -> list[Any]:
        found = list(getattr(self, "_by_address", {}).values())
        self._by_address = {}
        return found

    def _nobody(self) -> redis.ConnectionError:
        asked = ", ".join(map(str, self.topology.known))
        return redis.ConnectionError(f"no node of the cluster answers ({asked}); nothing has run")


class StoreClient(_Nodes, redis.Redis):
    """The synchronous one. Made by `store.connect`."""

    lone = False

    def begin(self, topology: Topology, make: Callable[[Address], redis.Redis], *, lone: bool) -> None:
        """What it stands on. `lone`: one connection to each server, so that each break shows as an error."""
        self._begin(topology, make)
        self.lone = lone

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """As redis-py's, on the node that serves the command's key."""
        topology = self.topology
        if not topology.cluster:
            try:
                return self._home(*args, **options)
            except AskError as error:
                topology.redirected(error, topology.seeds[0])
        slot = slot_of_command(args)
        if topology.doubtful:
            self.look_around()
        if slot is None:
            return self._anywhere(args, options)
        return self._at(topology.owner(slot), args, options)

    def look_around(self) -> None:
        """Asks who serves what. Raises redis.ConnectionError when no node says so."""
        for address in self.topology.candidates():
            try:
                slots = self._node(address).execute_command("CLUSTER", "SLOTS")
            except (*TROUBLE, ResponseError):
                continue
            self.topology.learn(slots, address)
            return
        raise self._nobody()

    def nodes(self) -> list[redis.Redis]:
        """A client for each master; itself where there is no cluster. Raises redis.ConnectionError."""
        if not self.topology.cluster:
            return [self]
        if self.topology.doubtful:
            self.look_around()
        return [self._node(address) for address in self.topology.masters]

    def node_for(self, key: str) -> redis.Redis:
        """A client of the one server that serves `key`. Raises redis.ConnectionError."""
        if not self.topology.cluster:
            return self._node(self.topology.seeds[0]) if self.lone else self
        if self.topology.doubtful:
            self.look_around()
        found: redis.Redis = self._node(self.topology.owner(slot_of(key)))
        return found

    def close(self) -> None:
        """Ends every connection."""
        for node in self._take_nodes():
            node.close()
        super().close()

    def _home(self, *args: Any, **options: Any) -> Any:
        if self.lone:
            return self._node(self.topology.seeds[0]).execute_command(*args, **options)
        return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def _anywhere(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """A question that changes nothing, to the first master that answers: one that is away is no matter of the others."""
        trouble: Exception = self._nobody()
        for address in self.topology.in_turn:
            try:
                return self._at(address, args, options)
            except TROUBLE as error:
                trouble = error
        raise trouble

    def _at(self, address: Address, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        try:
            return self._node(address).execute_command(*args, **options)
        except AskError as error:
            target = self.topology.redirected(error, address)
            if not isinstance(error, MovedError):
                return self._ask(target, args, options)
            if not may_follow(args):
                raise
            return self._node(target).execute_command(*args, **options)
        except TROUBLE:
            self.topology.doubt(address)
            raise

    def _ask(self, target: Address, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Once, at the node to which the slot is just moving."""
        node = self._node(target)
        connection = node.connection_pool.get_connection()
        try:
            connection.send_command("ASKING")
            connection.read_response()
            connection.send_command(*args)
            return node.parse_response(connection, args[0], **options)
        finally:
            node.connection_pool.release(connection)


class AsyncStoreClient(_Nodes, redis.asyncio.Redis):  # type: ignore[misc]
    """The asynchronous one. Made by `store.connect_async`."""

    def begin(self, topology: Topology, make: Callable[[Address], redis.asyncio.Redis]) -> None:
        """What it stands on."""
        self._begin(topology, make)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """As StoreClient.execute_command."""
        topology = self.topology
        if not topology.cluster:
            try:
                return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
            except AskError as error:
                topology.redirected(error, topology.seeds[0])
        slot = slot_of_command(args)
        if topology.doubtful:
            await self.look_around()
        if slot is None:
            return await self._anywhere(args, options)
        return await self._at(topology.owner(slot), args, options)

    async def look_around(self) -> None:
        """As StoreClient.look_around."""
        for address in self.topology.candidates():
            try:
                slots = await self._node(address).execute_command("CLUSTER", "SLOTS")
            except (*TROUBLE, ResponseError):
                continue
            self.topology.learn(slots, address)
            return
        raise self._nobody()

    async def nodes(self) -> list[redis.asyncio.Redis]:
        """As StoreClient.nodes."""
        if not self.topology.cluster:
            return [self]
        if self.topology.doubtful:
            await self.look_around()
        return [self._node(address) for address in self.topology.masters]

    async def node_for(self, key: str) -> redis.asyncio.Redis:
        """As StoreClient.node_for."""
        if not self.topology.cluster:
            return self
        if self.topology.doubtful:
            await self.look_around()
        found: redis.asyncio.Redis = self._node(self.topology.owner(slot_of(key)))
        return found

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Ends every connection."""
        for node in self._take_nodes():
            await node.aclose()
        await super().aclose(close_connection_pool)

    async def _anywhere(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        trouble: Exception = self._nobody()
        for address in self.topology.in_turn:
            try:
                return await self._at(address, args, options)
            except TROUBLE as error:
                trouble = error
        raise trouble

    async def _at(self, address: Address, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        try:
            return await self._node(address).execute_command(*args, **options)
        except AskError as error:
            target = self.topology.redirected(error, address)
            if not isinstance(error, MovedError):
                return await self._ask(target, args, options)
            if not may_follow(args):
                raise
            return await self._node(target).execute_command(*args, **options)
        except TROUBLE:
            self.topology.doubt(address)
            raise

    async def _ask(self, target: Address, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        node = self._node(target)
        connection = await node.connection_pool.get_connection()
        try:
            await connection.send_command("ASKING")
            await connection.read_response()
            await connection.send_command(*args)
            return await node.parse_response(connection, args[0], **options)
        finally:
            await node.connection_pool.release(connection)
