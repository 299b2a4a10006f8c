"""Maps of all kinds, and what changes them: entry processors and transactions."""

from __future__ import annotations

import asyncio

from benchmarks.faces import Seen
from benchmarks.soak.ledger import DEADLINE
from benchmarks.soak.workers.base import Entries
from benchmarks.twins import SetValue
from hzclient.transaction import TWO_PHASE


class Maps(Entries):
    """A map: `set` and `put`, which returns the old value, `get` and `get_all`."""

    kind = "map"
    map_name: str | None = None

    async def prepare(self) -> None:
        self._map = await self.get("map", self.map_name)

    async def write(self, key: str, value: str, old: str | None) -> None:
        if self.steps % 2:
            await self.call(lambda: self._map.set(key, value))
        else:
            replaced = await self.call(lambda: self._map.put(key, value))
            self.expect(replaced == old, f"put({key!r}) returned {replaced!r}, not {old!r}")

    async def read(self, key: str, value: str) -> str | None:
        if self.steps % 3:
            found: str | None = await self._map.get(key)
            return found
        several: dict[str, str] = await self._map.get_all([key, f"{key} is not there"])
        return several.get(key)

    async def remove(self, key: str, values: tuple[str, ...]) -> None:
        await self._map.delete(key)


class NearCachedMaps(Maps):
    """A map with a near cache that the clients of all faces share. A client sees its own writes at once."""

    kind = "near cache"
    map_name = "near-soak"

    async def prepare(self) -> None:
        await super().prepare()
        self._shared = f"shared-{self.face.name}"

    async def step(self) -> None:
        await super().step()
        await self.call(lambda: self._map.set(self._shared, f"{self._shared}={self.steps}"))
        for face in ("asyncio", "future", "blocking"):
            key = f"shared-{face}"
            value = await self.call(lambda key=key: self._map.get(key))  # type: ignore[misc]
            self.expect(value is None or value.startswith(f"{key}="), f"{key!r} has {value!r}")


class Processors(Maps):
    """Values that an entry processor sets on the member."""

    kind = "entry processor"

    async def write(self, key: str, value: str, old: str | None) -> None:
        result = await self.call(lambda: self._map.execute_on_key(key, SetValue(value)))
        self.expect(result == value, f"the entry processor returned {result!r}, not {value!r}")


class ReplicatedMaps(Maps):
    """A replicated map: members pass changes on later, and may lose those of a member that dies before.

    A value must be one that was written for its key. In the end, what is written is read.
    """

    kind = "replicated map"

    async def prepare(self) -> None:
        self._map = await self.get("replicated_map")

    async def write(self, key: str, value: str, old: str | None) -> None:
        await self.call(lambda: self._map.put(key, value))

    async def read(self, key: str, value: str) -> str | None:
        found: str | None = await self._map.get(key)
        return found

    async def remove(self, key: str, values: tuple[str, ...]) -> None:
        await self._map.remove(key)

    def compare(self, key: str, value: str, found: str | None) -> None:
        if found != value:
            self.ledger.count("replicated maps: older values read")
        self.expect(found is None or found.startswith(f"{key}="), f"{key!r} has {found!r}")

    async def check(self) -> None:
        for key, value in self._known.values():
            await self.insist(lambda key=key, value=value: self._map.put(key, value))  # type: ignore[misc]

            async def is_there(key: str = key, value: str = value) -> bool:
                found = await self.insist(lambda: self._map.get(key))
                return bool(found == value)

            await self.finally_true(f"{key!r} has its value", is_there)


class Transactions(Entries):
    """Two entries in each transaction: both are there after the commit.

    While members hand a partition over, the old owner still serves reads (`ReadonlyOperation`), for an
    instant also after the new owner has begun to carry out writes. The member that commits may know the new
    owner while the client still asks the old one.
    """

    kind = "transactions"
    stale_for = 10.0
    TIMEOUT = 15.0
    LIMIT = 60.0
    """`begin` and `commit` take part in no `with_timeout`."""

    async def prepare(self) -> None:
        self._name = f"soak {self.name}"
        self._map = await self.get("map", self._name)

    async def write(self, key: str, value: str, old: str | None) -> None:
        await self.call(lambda: self._transact(key, value), self.LIMIT)

    async def _transact(self, key: str, value: str) -> None:
        transaction = self.face.client.new_transaction(self.TIMEOUT, 1, TWO_PHASE)
        async with self.face.entered(transaction) as t:
            m = Seen(t.get_map(self._name).with_timeout(DEADLINE))
            await m.set(f"a{key}", value)
            await m.set(f"b{key}", value)

    async def read(self, key: str, value: str) -> str | None:
        found = await self._map.get_all([f"a{key}", f"b{key}"])
        one, other = found.get(f"a{key}"), found.get(f"b{key}")
        return one if one == other else f"{one} and {other}"

    async def remove(self, key: str, values: tuple[str, ...]) -> None:
        for half in "ab":
            await self._map.delete(f"{half}{key}")
            await asyncio.sleep(0)
