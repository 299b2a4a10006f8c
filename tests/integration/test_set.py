"""The set, in all faces."""

from __future__ import annotations

from typing import Any

import pytest

from hzclient.proxy.base import ItemEventType
from tests.integration.events import Told
from tests.integration.faces import Face


@pytest.fixture
async def items(face: Face) -> Any:
    return await face.get("set")


async def test_each_item_is_there_once(items: Any) -> None:
    assert await items.add("a") is True
    assert await items.add("a") is False
    assert await items.add_all(["a", "b"]) is True
    assert await items.add_all(["a", "b"]) is False
    assert sorted(await items.get_all()) == ["a", "b"]
    assert await items.size() == 2


async def test_the_whole_set(items: Any) -> None:
    assert await items.is_empty() is True
    await items.add_all(["a", "b", "c"])
    assert await items.contains("a") is True
    assert await items.contains_all(["a", "z"]) is False
    assert await items.remove("a") is True
    assert await items.remove("a") is False
    assert await items.remove_all(["b", "z"]) is True
    assert await items.retain_all(["c"]) is False
    assert await items.get_all() == ["c"]
    await items.clear()
    assert await items.is_empty() is True


async def test_listener(items: Any) -> None:
    told = Told()
    id_ = await items.add_listener(True, told.add, told.add)
    await items.add("a")
    await items.remove("a")
    added, removed = await told.some(2)
    assert (added.item, added.event_type) == ("a", ItemEventType.ADDED)
    assert (removed.item, removed.event_type) == ("a", ItemEventType.REMOVED)
    assert await items.remove_listener(id_) is True


async def test_none_is_refused(items: Any) -> None:
    for call in (lambda: items.add(None), lambda: items.add_all([None]), lambda: items.remove(None)):
        with pytest.raises(AssertionError):
            await call()
