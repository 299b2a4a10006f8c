"""Multi maps, lists and sets."""

from __future__ import annotations

from benchmarks.soak.workers.base import Entries


class MultiMaps(Entries):
    """A multi map: the new value is put before the old one is removed."""

    kind = "multi map"

    async def prepare(self) -> None:
        self._map = await self.get("multi_map")

    async def write(self, key: str, value: str, old: str | None) -> None:
        changed = await self.call(lambda: self._map.put(key, value))
        self.expect(changed is True, f"put({key!r}) of a new value returned {changed!r}")
        if old is not None:
            removed = await self.call(lambda: self._map.remove(key, old))
            self.expect(removed is True, f"remove({key!r}) of the old value returned {removed!r}")

    async def read(self, key: str, value: str) -> str | None:
        found = list(await self._map.get(key) or [])
        return found[0] if len(found) == 1 else repr(found)

    async def remove(self, key: str, values: tuple[str, ...]) -> None:
        await self._map.remove_all(key)


class Lists(Entries):
    """A list of values that contain their key."""

    kind = "list"
    structure = "list"

    async def prepare(self) -> None:
        self._items = await self.get(self.structure)

    async def write(self, key: str, value: str, old: str | None) -> None:
        added = await self.call(lambda: self._items.add(value))
        self.expect(added is True, f"add({value!r}) of a new value returned {added!r}")
        if old is not None:
            removed = await self.call(lambda: self._items.remove(old))
            self.expect(removed is True, f"remove({old!r}) returned {removed!r}")

    async def read(self, key: str, value: str) -> str | None:
        return value if await self._items.contains(value) else None

    async def remove(self, key: str, values: tuple[str, ...]) -> None:
        for value in values:
            await self._items.remove(value)

    async def check(self) -> None:
        await super().check()
        found = await self.insist(self._items.get_all)
        known = {value for _, value in self._known.values()}
        unsure = {value for _, _, values in self._retired for value in values}
        self.expect(len(set(found)) == len(found), "a value is there twice")
        self.expect(known <= set(found) <= known | unsure, f"wrong values: {set(found) ^ known}")


class Sets(Lists):
    """A set of values that contain their key."""

    kind = "set"
    structure = "set"
