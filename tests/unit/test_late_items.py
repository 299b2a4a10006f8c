"""Items that a member hands out to takers who have given up, against a scripted queue."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hzclient._codec import queue as codec
from hzclient.proxy import _late_items
from hzclient.serialization._service import SerializationService
from tests.internals import private
from tests.member.scripted import ScriptedCluster
from tests.unit.net.clients import client_of, soon, until

SERVICE = SerializationService()


class Served:
    """The queue of a scripted member, which serves waiting takers in their order.

    Args:
        cluster: The cluster.
    """

    def __init__(self, cluster: ScriptedCluster) -> None:
        self.items: deque[bytes] = deque()
        self.has_room = True
        self._waiting: deque[asyncio.Future[bytes]] = deque()
        cluster.on(codec.POLL, self._take)
        cluster.on(codec.TAKE, self._take)
        cluster.on(codec.OFFER, self._offer)

    async def _take(self, *_: Any) -> bytes | None:
        if self.items:
            return self.items.popleft()
        waiter: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        return await waiter

    def _offer(self, *request: Any) -> bool:
        if self.has_room:
            self.items.append(request[1])
        return self.has_room

    def serve(self, value: Any) -> None:
        """Hand an item to the taker that has waited longest, whether or not it still waits."""
        self._waiting.popleft().set_result(SERVICE.encode(value))

    @property
    def values(self) -> list[Any]:
        return [SERVICE.decode(item) for item in self.items]


@pytest.fixture
async def cluster() -> AsyncIterator[ScriptedCluster]:
    async with ScriptedCluster() as cluster:
        yield cluster


@pytest.fixture
def served(cluster: ScriptedCluster) -> Served:
    return Served(cluster)


async def given_up(call: Any) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await call


async def test_the_next_taker_gets_a_late_item_first(cluster: ScriptedCluster, served: Served) -> None:
    async with client_of(cluster) as client:
        queue = (await client.get_queue("q")).keeping_late_items()
        await given_up(queue.take())
        served.serve("late")
        await until(lambda: private(queue, "_late", "_items"))
        served.items.append(SERVICE.encode("in the queue"))
        assert await soon(queue.poll()) == "late"
        assert await soon(queue.take()) == "in the queue"


async def test_a_stream_gets_what_came_for_the_one_before(cluster: ScriptedCluster, served: Served) -> None:
    async with client_of(cluster) as client:
        queue = await client.get_queue("q")
        await given_up(anext(queue.items()))
        served.serve("late")
        await until(lambda: private(queue, "_late", "_items"))
        assert await soon(anext(queue.items())) == "late"


async def test_an_item_that_nobody_takes_goes_back(
    cluster: ScriptedCluster, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_late_items, "KEEP_SECONDS", 0.05)
    served.has_room = False
    async with client_of(cluster) as client:
        queue = await client.get_queue("q")
        await given_up(anext(queue.items()))
        served.serve("late")
        await soon(cluster.members[0].received(codec.OFFER, 2))  # refused, and tried again
        served.has_room = True
        await until(lambda: served.values == ["late"])


async def test_a_client_that_ends_puts_items_back(cluster: ScriptedCluster, served: Served) -> None:
    async with client_of(cluster) as client:
        queue = await client.get_queue("q")
        await given_up(anext(queue.items()))
        served.serve("late")
        await until(lambda: private(queue, "_late", "_items"))
    assert served.values == ["late"]


async def test_nothing_is_kept_unless_asked_for(cluster: ScriptedCluster, served: Served) -> None:
    async with client_of(cluster) as client:
        queue = await client.get_queue("q")
        await given_up(queue.take())
        served.serve("late")
        served.items.append(SERVICE.encode("next"))
        assert await soon(queue.take()) == "next"
        assert not private(queue, "_late", "_items")
