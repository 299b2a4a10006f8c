"""The generator of ids, in all faces."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

import hzclient
import hzclient.asyncio
from hzclient.config import FlakeIdGeneratorConfig
from hzclient.server import LocalCluster
from tests.integration.faces import Face, unique_name
from tests.internals import private, set_private

PREFETCH = 10


async def test_ids_are_unique(face: Face) -> None:
    generator = await face.get("flake_id_generator")
    ids = [await generator.new_id() for _ in range(500)]
    assert len(set(ids)) == 500
    assert all(id_ > 0 for id_ in ids)
    assert ids[:100] == sorted(ids[:100])


def test_no_id_is_given_twice_under_threads(threaded_client: hzclient.HazelcastClient) -> None:
    generator = threaded_client.get_flake_id_generator(unique_name("ids"))
    blocking = generator.blocking()
    ids: list[list[int]] = [[] for _ in range(8)]
    barrier = threading.Barrier(8)

    def take(mine: list[int]) -> None:
        barrier.wait()
        mine += [blocking.new_id() for _ in range(500)]
        mine += [future.result() for future in [generator.new_id() for _ in range(500)]]

    threads = [threading.Thread(target=take, args=(mine,)) for mine in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id_ for mine in ids for id_ in mine}) == 8000


async def test_callers_share_a_request(hazelcast_cluster: LocalCluster) -> None:
    name = unique_name("ids")
    async with hzclient.asyncio.HazelcastClient(
        cluster_members=hazelcast_cluster.addresses,
        flake_id_generators={name: {"prefetch_count": PREFETCH, "prefetch_validity": 0}},
    ) as client:
        generator = await client.get_flake_id_generator(name)
        fetches = _count_fetches(generator)
        ids = await asyncio.gather(*(generator.new_id() for _ in range(PREFETCH)))
        assert len(set(ids)) == PREFETCH
        assert fetches == [1]
        more = await asyncio.gather(*(generator.new_id() for _ in range(5 * PREFETCH)))
        assert len({*ids, *more}) == 6 * PREFETCH
        assert fetches == [6]


async def test_ids_expire(hazelcast_cluster: LocalCluster) -> None:
    name = unique_name("ids")
    config = FlakeIdGeneratorConfig()
    config.prefetch_count, config.prefetch_validity = 1000, 0.05
    async with hzclient.asyncio.HazelcastClient(
        cluster_members=hazelcast_cluster.addresses, flake_id_generators={name: config}
    ) as client:
        generator = await client.get_flake_id_generator(name)
        fetches = _count_fetches(generator)
        ids = set()
        while fetches[0] < 2:
            ids.add(await generator.new_id())
            await asyncio.sleep(0.01)
        assert len(ids) < 1000


async def test_a_caller_that_is_cancelled_leaves_the_others_alone(hazelcast_cluster: LocalCluster) -> None:
    async with hzclient.asyncio.HazelcastClient(cluster_members=hazelcast_cluster.addresses) as client:
        generator = await client.get_flake_id_generator(unique_name("ids"))
        first, *others = [asyncio.create_task(generator.new_id()) for _ in range(5)]
        await asyncio.sleep(0)  # all have begun; the first one fetches
        first.cancel()
        assert len(set(await asyncio.gather(*others))) == 4
        with pytest.raises(asyncio.CancelledError):
            await first


def _count_fetches(generator: Any) -> list[int]:
    count, invoke = [0], private(generator, "_ids", "_invoke")

    async def counted(request: Any, **target: Any) -> Any:
        count[0] += 1
        return await invoke(request, **target)

    set_private(private(generator, "_ids"), "_invoke", counted)
    return count
