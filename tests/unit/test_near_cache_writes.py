"""Operations of the map invalidate the near cache if, and only if, they change entries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from hzclient.asyncio import HazelcastClient
from hzclient.errors import HazelcastError
from hzclient.near_cache import NearCache
from hzclient.serialization.api import IdentifiedDataSerializable, ObjectDataInput, ObjectDataOutput
from tests.internals import engine_of, private
from tests.map_operations import CHANGING, METHODS, OPERATIONS, UNUSED, variants
from tests.member.answers import Failure
from tests.member.scripted import ScriptedCluster

REFUSED = Failure(-1, message="refused by the test")


class CountedKey(IdentifiedDataSerializable):
    """A key that counts how often it is serialized."""

    written = 0

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        self.written += 1

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        raise NotImplementedError

    def get_factory_id(self) -> int:
        return 1

    def get_class_id(self) -> int:
        return 1


@dataclass
class Observed:
    """A map whose near cache holds one key, and the requests that find it there or not.

    Attributes:
        map: The map.
        cache: Its near cache.
        key: The key.
        fills: Whether the near cache gets the key again when a request arrives.
        kept: Names of the requests that arrived while the near cache held the key.
        dropped: Names of the requests that arrived after the near cache had dropped it.
    """

    map: Any
    cache: NearCache
    key: CountedKey = field(default_factory=CountedKey)
    fills: bool = True
    kept: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)

    def fill(self) -> None:
        self.cache[private(self.map, "_encode")(self.key)] = "v"

    def arrived(self, name: str) -> Failure:
        (self.kept if len(self.cache) else self.dropped).add(name)
        if self.fills:
            self.fill()  # like a read that overtakes the change
        return REFUSED


@pytest.fixture
async def observed() -> AsyncIterator[Observed]:
    async with ScriptedCluster() as cluster:
        (member,) = cluster.members
        options: dict[str, Any] = {"near_caches": {"m": {"invalidate_on_change": False}}}
        async with HazelcastClient(cluster_members=cluster.addresses, **options) as client:
            m = await client.get_map("m")
            found = Observed(m, engine_of(client).near_caches.get_or_create_near_cache("m"))
            for name, method in METHODS.items():
                member.on(method, lambda *_, name=name: found.arrived(name))
            yield found


@pytest.fixture
def names() -> list[str]:
    """Return the operations that send a request, which those that find no listener to remove do not."""
    return sorted(OPERATIONS.keys() - {"remove_entry_listener", "remove_partition_lost_listener"})


async def call(observed: Observed, name: str, arguments: dict[str, Any]) -> set[str]:
    """Call an operation and return the names of the requests that it sent."""
    observed.kept.clear()
    observed.dropped.clear()
    observed.key.written = 0
    with pytest.raises(HazelcastError, match="refused by the test"):
        async with asyncio.timeout(10):
            await getattr(observed.map, name)(**arguments)
    return observed.kept | observed.dropped


async def test_what_changes_entries_invalidates_them_before_and_after(
    observed: Observed, names: list[str]
) -> None:
    all_sent: set[str] = set()
    for name in set(names) - {"get", "contains_key", "get_all"}:  # served by the near cache
        for arguments in variants(name, observed.key):
            observed.fill()
            sent = await call(observed, name, arguments)
            changing = bool(sent & CHANGING)
            assert observed.dropped == (sent if changing else set()), f"{name}, before the call"
            assert len(observed.cache) == (0 if changing else 1), f"{name}, after the call"
            all_sent |= sent
    assert CHANGING - all_sent == UNUSED


async def test_a_key_is_serialized_once(observed: Observed, names: list[str]) -> None:
    observed.fills = False
    for name in names:
        for arguments in variants(name, observed.key):
            await call(observed, name, arguments)
            assert observed.key.written == bool({"key", "keys", "map"} & arguments.keys()), name
