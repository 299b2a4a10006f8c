"""Entry processors and interceptors of maps, in all faces."""

from __future__ import annotations

from typing import Any

import pytest

import hzclient.predicate as p
from hzclient.errors import HazelcastError, HazelcastSerializationError
from hzclient.proxy._map_bulk import BATCH_ITEMS
from tests.integration.faces import Face
from tests.integration.twins import AppendSuffix, RemoveEntry, SetValue


@pytest.fixture
async def m(face: Face, map_name: str) -> Any:
    return await face.get("map", map_name)


async def test_execute_on_key(m: Any) -> None:
    assert await m.execute_on_key("k", SetValue("new")) == "new"
    assert await m.get("k") == "new"
    assert await m.execute_on_key("k", RemoveEntry()) is None
    assert not await m.contains_key("k")


async def test_execute_on_keys(m: Any) -> None:
    await m.put_all({"a": 1, "b": 2, "c": 3})
    assert sorted(await m.execute_on_keys(["a", "b"], SetValue("new"))) == [("a", "new"), ("b", "new")]
    assert await m.get_all(["a", "b", "c"]) == {"a": "new", "b": "new", "c": 3}
    assert await m.execute_on_keys([], SetValue("none")) == []


async def test_execute_on_more_keys_than_a_request_holds(m: Any) -> None:
    keys = list(range(2 * BATCH_ITEMS + 1))
    results = await m.execute_on_keys(keys, SetValue("new"))
    assert sorted(results) == [(key, "new") for key in keys]
    assert await m.size() == len(keys)


async def test_execute_on_entries(m: Any) -> None:
    await m.put_all({"a": 1, "b": 2, "c": 3})
    results = await m.execute_on_entries(SetValue("new"), p.greater("this", 1))
    assert sorted(results) == [("b", "new"), ("c", "new")]
    assert sorted(await m.execute_on_entries(SetValue("newer"))) == [(key, "newer") for key in "abc"]
    assert await m.execute_on_entries(RemoveEntry()) == []
    assert await m.is_empty()


async def test_what_cannot_be_serialized_is_refused(face: Face, m: Any) -> None:
    with pytest.raises(HazelcastSerializationError):
        await m.execute_on_key("k", (i for i in range(3)))


async def test_interceptor(m: Any) -> None:
    registration = await m.add_interceptor(AppendSuffix("!"))
    assert isinstance(registration, str)
    await m.set("k", "v")
    assert await m.get("k") == "v!"
    with pytest.raises(HazelcastError, match="nothing is removed here"):
        await m.remove("k")
    assert await m.remove_interceptor(registration) is True
    assert await m.remove_interceptor(registration) is False
    await m.set("k", "w")
    assert await m.get("k") == "w"
