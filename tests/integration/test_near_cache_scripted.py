"""Near caches on a scripted member: races and lost events, which a real member does not produce on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

import pytest

import hzclient
import hzclient.asyncio
from hzclient._codec import map as codec
from hzclient.serialization._hash import partition_id
from hzclient.serialization._service import SerializationService
from tests.integration.faces import FACES, eventually
from tests.member.scripted import ScriptedCluster, ScriptedMember

SERVICE = SerializationService()
KEY = SERVICE.encode("k")
PARTITION = UUID(int=1)
SOURCE = UUID(int=2)


class Server:
    """A scripted member with one map, whose events and counters the test controls."""

    def __init__(self, member: ScriptedMember) -> None:
        self.member = member
        self.value: str | None = "old"
        self.sequence = 0
        self.held: asyncio.Event | None = None
        self.checks = 0
        member.on(codec.GET, self._get)
        member.on(codec.SET, self._set)
        member.on(codec.CONTAINS_KEY, lambda *_: self.value is not None)
        member.on(codec.ADD_NEAR_CACHE_INVALIDATION_LISTENER, lambda *_: UUID(int=3))
        member.on(codec.REMOVE_ENTRY_LISTENER, lambda *_: True)
        member.on(codec.FETCH_NEAR_CACHE_INVALIDATION_METADATA, self._metadata)

    def _set(self, name: str, key: bytes, value: bytes, thread_id: int, ttl: int) -> None:
        """Accept a write without effect; the test changes the value."""

    def _get(self, name: str, key: bytes, thread_id: int) -> Awaitable[bytes | None]:
        """Respond with the value at the time of the request, even if the response is delayed."""
        return self._answer(SERVICE.encode_optional(self.value))

    async def _answer(self, data: bytes | None) -> bytes | None:
        if self.held is not None:
            await self.held.wait()
        return data

    def _metadata(self, names: Iterable[str], uuid: UUID) -> codec.FetchNearCacheInvalidationMetadataResponse:
        self.checks += 1
        partitions = range(self.member.view.partition_count)
        return codec.FetchNearCacheInvalidationMetadataResponse(
            [(name, [(number, self.sequence) for number in partitions]) for name in names],
            [(number, PARTITION) for number in partitions],
        )

    def write(self, value: str, *, lost: bool = False, batch: bool = False) -> None:
        """Change the value as another client would, and send the invalidation unless it is `lost`."""
        self.value = value
        self.sequence += 1
        if lost:
            return
        event: codec.IMapInvalidationEvent | codec.IMapBatchInvalidationEvent
        if batch:
            event = codec.IMapBatchInvalidationEvent([KEY], [SOURCE], [PARTITION], [self.sequence])
        else:
            event = codec.IMapInvalidationEvent(KEY, SOURCE, PARTITION, self.sequence)
        assert self.member.push(codec.ADD_NEAR_CACHE_INVALIDATION_LISTENER, event) == 1


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with ScriptedCluster() as cluster:
        yield Server(cluster.members[0])


class Near:
    """A map with a near cache, whose blocking calls run in a thread."""

    def __init__(self, map: Any, call: Callable[..., Awaitable[Any]]) -> None:
        self.map = map
        self._call = call

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        return lambda *args: self._call(getattr(self.map, name), *args)

    async def invalidated(self, requests: int) -> None:
        """Wait until a number of invalidations has arrived."""
        await eventually(lambda: self.map.near_cache_statistics()["invalidation_requests"] >= requests)


@pytest.fixture
def near_options() -> dict[str, Any]:
    """Return the options of the near cache, which tests override by `parametrize`."""
    return {}


@pytest.fixture(params=FACES)
async def near(
    request: pytest.FixtureRequest, server: Server, near_options: dict[str, Any]
) -> AsyncIterator[Near]:
    options = {"reconciliation_interval": 0, **near_options}
    address = f"127.0.0.1:{server.member.address.port}"
    kwargs: dict[str, Any] = {"cluster_members": [address], "near_caches": {"m": options}}
    if request.param == "asyncio":
        async with hzclient.asyncio.HazelcastClient(**kwargs) as client:

            async def call(method: Any, *args: Any) -> Any:
                return await method(*args)

            yield Near(await client.get_map("m"), call)
        return
    threaded = await asyncio.to_thread(lambda: hzclient.HazelcastClient(**kwargs))
    try:
        map = await asyncio.to_thread(threaded.get_map, "m")
        if request.param == "future":

            async def call(method: Any, *args: Any) -> Any:
                return await method(*args)

            yield Near(map, call)
        else:
            yield Near(map.blocking(), asyncio.to_thread)
    finally:
        await asyncio.to_thread(threaded.shutdown)


async def test_a_value_read_before_an_invalidation_is_not_kept_after_it(near: Near, server: Server) -> None:
    """The response with the old value arrives after the invalidation."""
    server.held = asyncio.Event()
    read = asyncio.ensure_future(near.get("k"))
    await server.member.received(codec.GET)
    server.write("new")
    await near.invalidated(1)
    server.held.set()
    assert await read == "old"
    assert await near.get("k") == "new"
    assert await near.get("k") == "new"
    assert len(server.member.requests_of(codec.GET)) == 2, "the new value is kept"


async def test_a_value_read_before_an_own_write_is_not_kept_after_it(near: Near, server: Server) -> None:
    server.held = asyncio.Event()
    read = asyncio.ensure_future(near.get("k"))
    await server.member.received(codec.GET)
    await near.set("k", "new")
    server.value = "new"
    server.held.set()
    assert await read == "old"
    assert await near.get("k") == "new"


async def test_a_value_read_during_an_own_write_is_not_kept_after_it(near: Near, server: Server) -> None:
    """The read starts after the write was sent, and ends before the member carries the write out."""
    gate = asyncio.Event()

    async def carry_out(*_: Any) -> None:
        await gate.wait()
        server.value = "new"

    server.member.on(codec.SET, carry_out)
    write = asyncio.ensure_future(near.set("k", "new"))
    await server.member.received(codec.SET)
    assert await near.get("k") == "old"
    gate.set()
    await write
    assert await near.get("k") == "new"


@pytest.mark.parametrize("batch", [False, True])
async def test_invalidations_drop_what_is_kept(near: Near, server: Server, batch: bool) -> None:
    assert await near.get("k") == "old"
    assert await near.get("k") == "old"
    server.write("new", batch=batch)
    await near.invalidated(1)
    assert await near.get("k") == "new"


async def test_an_invalidation_without_key_drops_all(near: Near, server: Server) -> None:
    assert await near.get("k") == "old"
    server.value, server.sequence = None, 1
    server.member.push(
        codec.ADD_NEAR_CACHE_INVALIDATION_LISTENER, codec.IMapInvalidationEvent(None, SOURCE, PARTITION, 1)
    )
    await near.invalidated(1)
    assert await near.get("k") is None
    assert await near.contains_key("k") is False


@pytest.mark.parametrize(
    ("near_options", "checks"),
    [
        ({"reconciliation_interval": 0.05}, 1),
        ({"reconciliation_interval": 0.05, "max_tolerated_misses": 10}, 2),
    ],
)
@pytest.mark.parametrize("writes", [1, 20])
async def test_lost_invalidations_are_found(near: Near, server: Server, writes: int, checks: int) -> None:
    assert await near.get("k") == "old"
    for number in range(writes):
        server.write(f"new-{number}", lost=True)
    done = server.checks
    await eventually(lambda: server.checks > done + checks)  # one more has started, so the others are over
    assert await near.get("k") == f"new-{writes - 1}"


@pytest.mark.parametrize("near_options", [{"reconciliation_interval": 0.05}])
async def test_what_is_true_survives_the_checks(near: Near, server: Server) -> None:
    server.write("new")
    await near.invalidated(1)
    assert await near.get("k") == "new"
    done = server.checks
    await eventually(lambda: server.checks > done + 2)
    assert await near.get("k") == "new"
    assert len(server.member.requests_of(codec.GET)) == 1


async def test_a_gap_in_the_numbers_drops_the_partition(near: Near, server: Server) -> None:
    assert await near.get("k") == "old"
    server.write("new", lost=True)
    server.sequence += 1
    other = next(k for k in range(10**6) if partition_id(SERVICE.encode(k), 271) == partition_id(KEY, 271))
    event = codec.IMapInvalidationEvent(SERVICE.encode(other), SOURCE, PARTITION, server.sequence)
    server.member.push(codec.ADD_NEAR_CACHE_INVALIDATION_LISTENER, event)
    await near.invalidated(1)
    assert await near.get("k") == "new"


async def test_a_reconnect_finds_what_was_lost_meanwhile(near: Near, server: Server) -> None:
    assert await near.get("k") == "old"
    server.write("new", lost=True)
    done = server.checks
    for connection in list(server.member.connections):
        connection.abort()
    assert await near.get("k") == "old", "what is kept is served while there is no connection"
    await eventually(lambda: server.checks > done)
    await eventually(lambda: near.map.near_cache_statistics()["owned_entry_count"] == 0)
    assert await near.get("k") == "new"


@pytest.mark.parametrize("near_options", [{"invalidate_on_change": False}])
async def test_without_invalidation_nobody_listens(near: Near, server: Server) -> None:
    assert await near.get("k") == "old"
    server.value = "new"
    assert await near.get("k") == "old"
    assert server.member.requests_of(codec.ADD_NEAR_CACHE_INVALIDATION_LISTENER) == []
    assert server.checks == 0
    await near.set("k", "new")
    assert await near.get("k") == "new", "own writes invalidate all the same"
