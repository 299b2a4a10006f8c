"""The list, in all faces."""

from __future__ import annotations

from typing import Any

import pytest

from hzclient.errors import IndexOutOfBoundsError
from hzclient.proxy.base import ItemEventType
from tests.integration.events import Told
from tests.integration.faces import Face


@pytest.fixture
async def items(face: Face) -> Any:
    return await face.get("list")


async def test_items_keep_their_order(items: Any) -> None:
    assert await items.add("b") is True
    assert await items.add_at(0, "a") is None
    assert await items.add_all(["e", "e"]) is True
    assert await items.add_all_at(2, ["c", "d"]) is True
    assert await items.get_all() == list("abcdee")
    assert await items.iterator() == list("abcdee")
    assert await items.list_iterator() == list("abcdee")
    assert await items.list_iterator(4) == list("ee")
    assert await items.sub_list(1, 3) == list("bc")


async def test_items_by_index(items: Any) -> None:
    await items.add_all(list("abab"))
    assert await items.get(2) == "a"
    assert await items.index_of("b") == 1
    assert await items.last_index_of("b") == 3
    assert await items.index_of("z") == -1
    assert await items.set_at(0, "z") == "a"
    assert await items.remove_at(1) == "b"
    assert await items.get_all() == list("zab")


@pytest.mark.parametrize("call", [lambda i: i.get(7), lambda i: i.set_at(7, "x"), lambda i: i.remove_at(7)])
async def test_an_index_without_an_item(items: Any, call: Any) -> None:
    with pytest.raises(IndexOutOfBoundsError):
        await call(items)


async def test_the_whole_list(items: Any) -> None:
    assert await items.is_empty() is True
    await items.add_all(list("aabbc"))
    assert await items.size() == 5
    assert await items.contains("c") is True
    assert await items.contains_all(["a", "z"]) is False
    assert await items.remove("a") is True
    assert await items.remove("z") is False
    assert await items.remove_all(["b"]) is True
    assert await items.get_all() == list("ac")
    assert await items.retain_all(["a"]) is True
    assert await items.get_all() == ["a"]
    await items.clear()
    assert await items.size() == 0


async def test_listener(items: Any) -> None:
    told = Told()
    id_ = await items.add_listener(True, told.add, told.add)
    await items.add("a")
    await items.remove("a")  # by index, members leave the item out of the event
    added, removed = await told.some(2)
    assert (added.item, added.event_type) == ("a", ItemEventType.ADDED)
    assert (removed.item, removed.event_type) == ("a", ItemEventType.REMOVED)
    assert await items.remove_listener(id_) is True


async def test_none_is_refused(items: Any) -> None:
    for call in (
        *(lambda: items.add(None), lambda: items.add_at(0, None), lambda: items.set_at(0, None)),
        *(
            lambda: items.add_all_at(0, [None]),
            lambda: items.index_of(None),
            lambda: items.last_index_of(None),
        ),
    ):
        with pytest.raises(AssertionError):
            await call()
