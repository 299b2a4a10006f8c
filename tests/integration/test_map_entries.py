"""Further operations of the map on one entry, in all faces."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.faces import Face, eventually, unique_name
from tests.integration.twins import StoredValue


@pytest.fixture
async def m(face: Face, map_name: str) -> Any:
    return await face.get("map", map_name)


async def test_put_transient_is_not_stored(face: Face) -> None:
    m = await face.get("map", unique_name("stored"))
    kept, lost = unique_name("key"), unique_name("key")
    await m.set(kept, 1)
    assert await m.put_transient(lost, 2) is None
    assert await m.get(lost) == 2
    assert await m.execute_on_key(kept, StoredValue()) == 1
    assert await m.execute_on_key(lost, StoredValue()) is None
    await m.evict_all()
    assert await m.size() == 0
    assert await m.get(kept) == 1
    assert await m.get(lost) is None


async def test_put_transient_with_times(m: Any) -> None:
    await m.put_transient("k", 1, ttl=500, max_idle=100)
    await m.put_transient("l", 1, ttl=0.3)
    await m.put_transient("m", 1, ttl=0.3, max_idle=100)
    view = await m.get_entry_view("k")
    assert (view.ttl, view.max_idle) == (500_000, 100_000)

    async def only_one_is_left() -> bool:
        return not await m.get_all(["l", "m"])

    await eventually(only_one_is_left)


async def test_flush_writes_what_was_put_off(face: Face) -> None:
    m = await face.get("map", unique_name("stored-later"))
    key = unique_name("key")
    await m.set(key, "v")
    assert await m.execute_on_key(key, StoredValue()) is None
    assert await m.flush() is None
    assert await m.execute_on_key(key, StoredValue()) == "v"


async def test_entry_view(face: Face) -> None:
    m = await face.get("map", unique_name("counted"))
    assert await m.get_entry_view("missing") is None
    await m.put("k", [1, 2], ttl=100, max_idle=50)
    await m.get("k")
    await m.get("k")
    await m.set("k", [3], ttl=100, max_idle=50)
    view = await m.get_entry_view("k")
    assert (view.key, view.value) == ("k", [3])
    assert (view.ttl, view.max_idle) == (100_000, 50_000)
    assert view.cost > 0
    assert view.hits >= 2
    assert view.version >= 1
    assert view.creation_time <= view.last_update_time <= view.expiration_time


@pytest.mark.parametrize("option", ["ttl", "max_idle"])
async def test_an_entry_that_lives_less_than_a_millisecond_does_not_stay(face: Face, option: str) -> None:
    m = await face.get("map")
    await m.set("k", 1, **{option: 0.0001})
    await eventually(lambda: _gone(m, "k"))


async def _gone(m: Any, key: Any) -> bool:
    return bool(await m.get(key) is None)


async def test_set_ttl(m: Any) -> None:
    assert await m.set_ttl("missing", 1) is False
    await m.set("k", 1, ttl=1000)
    assert await m.set_ttl("k", 0.2) is True

    async def is_gone() -> bool:
        return not await m.contains_key("k")

    await eventually(is_gone)


async def test_replace_if_same(m: Any) -> None:
    await m.set("k", 1)
    assert await m.replace_if_same("k", 2, 3) is False
    assert await m.get("k") == 1
    assert await m.replace_if_same("k", 1, 3) is True
    assert await m.get("k") == 3
    assert await m.replace_if_same("missing", 1, 3) is False


async def test_remove_if_same(m: Any) -> None:
    await m.set("k", 1)
    assert await m.remove_if_same("k", 2) is False
    assert await m.contains_key("k")
    assert await m.remove_if_same("k", 1) is True
    assert not await m.contains_key("k")


async def test_contains_value(m: Any) -> None:
    await m.set("k", "v")
    assert await m.contains_value("v") is True
    assert await m.contains_value("w") is False


async def test_try_put_and_try_remove_give_way_to_a_lock(face: Face, m: Any) -> None:
    assert await m.try_put("k", 1) is True

    async def somebody_else() -> None:
        assert await m.try_put("k", 2) is False
        assert await m.try_put("k", 2, timeout=0.05) is False
        assert await m.try_remove("k") is False
        assert await m.try_remove("k", timeout=0.05) is False

    await m.lock("k")
    await face.as_somebody_else(somebody_else)
    assert await m.try_put("k", 3) is True
    await m.unlock("k")
    assert await m.get("k") == 3
    assert await m.try_remove("k", timeout=5) is True
    assert await m.try_remove("k") is False


@dataclass(frozen=True)
class Order:
    """A key that is stored in the partition of its customer."""

    number: int
    customer: str

    def get_partition_key(self) -> str:
        return self.customer


async def test_keys_are_placed_by_their_partition_key(face: Face, m: Any) -> None:
    orders = {Order(number, f"customer {number % 3}"): number for number in range(30)}
    await m.put_all(orders)
    assert await m.get_all(list(orders)) == orders
    assert {order: await m.get(order) for order in orders} == orders
    assert dict(await m.entry_set()) == orders
    partition_of = face.client.partition_service.get_partition_id
    for order in orders:
        assert await face.result(partition_of(order)) == await face.result(partition_of(order.customer))


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("get", (None,)),
        ("contains_key", (None,)),
        ("get_entry_view", (None,)),
        ("put", (None, 1)),
        ("put", (1, None)),
        ("set", (None, 1)),
        ("set", (1, None)),
        ("put_transient", (None, 1)),
        ("put_transient", (1, None)),
        ("put_if_absent", (None, 1)),
        ("put_if_absent", (1, None)),
        ("try_put", (None, 1)),
        ("try_put", (1, None)),
        ("replace", (None, 1)),
        ("replace", (1, None)),
        ("replace_if_same", (None, 1, 2)),
        ("replace_if_same", (1, None, 2)),
        ("replace_if_same", (1, 2, None)),
        ("set_ttl", (None, 1)),
        ("set_ttl", (1, None)),
        ("remove", (None,)),
        ("remove_if_same", (None, 1)),
        ("remove_if_same", (1, None)),
        ("delete", (None,)),
        ("try_remove", (None,)),
        ("evict", (None,)),
        ("lock", (None,)),
        ("try_lock", (None,)),
        ("unlock", (None,)),
        ("force_unlock", (None,)),
        ("is_locked", (None,)),
        ("contains_value", (None,)),
        ("put_all", (None,)),
        ("put_all", ({None: 1},)),
        ("put_all", ({1: None},)),
        ("get_all", (None,)),
        ("get_all", ([1, None],)),
        ("load_all", ([None],)),
        ("remove_all", (None,)),
        ("aggregate", (None,)),
        ("project", (None,)),
        ("execute_on_key", (None, 1)),
        ("execute_on_key", (1, None)),
        ("execute_on_keys", (None, 1)),
        ("execute_on_keys", ([None], 1)),
        ("execute_on_keys", ([1], None)),
        ("execute_on_entries", (None,)),
        ("add_interceptor", (None,)),
        ("remove_interceptor", (None,)),
        ("remove_entry_listener", (None,)),
        ("add_partition_lost_listener", (None,)),
        ("remove_partition_lost_listener", (None,)),
    ],
)
async def test_none_is_refused(face: Face, m: Any, name: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(AssertionError):
        outcome = getattr(m.target, name)(*args)
        assert face.name == "asyncio", "raised at the call"
        await outcome


@pytest.mark.only(face=["asyncio", "future"])
async def test_only_the_blocking_face_is_used_like_a_dict(m: Any) -> None:
    assert not hasattr(m.target, "__getitem__")


@pytest.mark.only(face=["blocking"])
async def test_the_blocking_face_is_used_like_a_dict(m: Any) -> None:
    def use(d: Any) -> None:
        d["k"] = 1
        assert d["k"] == 1
        assert "k" in d
        assert "missing" not in d
        assert len(d) == 1
        assert list(d) == ["k"]
        assert dict(d) == {"k": 1}
        del d["k"]
        assert len(d) == 0
        assert d, "true although empty"
        with pytest.raises(KeyError):
            d["k"]
        with pytest.raises(KeyError):
            del d["k"]

    await asyncio.to_thread(use, m.target)
