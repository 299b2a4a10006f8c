"""Queries, paging, aggregation, projection, and indexes of maps, in all faces."""

from __future__ import annotations

from typing import Any

import pytest

import hzclient.aggregator as a
import hzclient.predicate as p
import hzclient.projection as projections
from hzclient.config import IndexType
from hzclient.core import HazelcastJsonValue
from tests.integration.faces import Face
from tests.integration.twins import DescendingOrder


@pytest.fixture
async def m(face: Face, map_name: str) -> Any:
    """Return a map with the entries 0 → 1000 to 99 → 1099."""
    m = await face.get("map", map_name)
    await m.put_all({i: 1000 + i for i in range(100)})
    return m


async def test_queries(m: Any) -> None:
    few = p.less("this", 1003)
    assert sorted(await m.key_set(few)) == [0, 1, 2]
    assert sorted(await m.values(few)) == [1000, 1001, 1002]
    assert sorted(await m.entry_set(few)) == [(0, 1000), (1, 1001), (2, 1002)]


@pytest.mark.parametrize(
    ("predicate", "keys"),
    [
        (p.sql("this between 1005 and 1007"), [5, 6, 7]),
        (p.between("this", 1005, 1007), [5, 6, 7]),
        (p.and_(p.greater("__key", 5), p.less_or_equal("__key", 7)), [6, 7]),
        (p.or_(p.equal("__key", 5), p.equal("__key", 50)), [5, 50]),
        (p.not_(p.greater("__key", 0)), [0]),
        (p.in_("__key", 3, 4, 400), [3, 4]),
        (p.and_(p.not_equal("__key", 0), p.less("__key", 2)), [1]),
        (p.false(), []),
        (p.true(), list(range(100))),
        (p.instance_of("java.lang.String"), []),
        (p.partition(42, p.equal("__key", 42)), [42]),
        (p.multi_partition([41, 42], p.in_("__key", 41, 42)), [41, 42]),
    ],
    ids=repr,
)
async def test_each_kind_of_predicate(m: Any, predicate: p.Predicate, keys: list[int]) -> None:
    assert sorted(await m.key_set(predicate)) == keys


async def test_predicates_of_texts(face: Face, map_name: str) -> None:
    m = await face.get("map", map_name)
    await m.put_all({1: "apple", 2: "Banana", 3: "cherry"})
    assert await m.key_set(p.like("this", "a%")) == [1]
    assert await m.key_set(p.ilike("this", "b_nana")) == [2]
    assert await m.key_set(p.regex("this", "ch.*")) == [3]


@pytest.mark.parametrize(
    ("name", "item"),
    [("key_set", lambda i: i), ("values", lambda i: 1000 + i), ("entry_set", lambda i: (i, 1000 + i))],
)
async def test_pages(m: Any, name: str, item: Any) -> None:
    paging = p.paging(p.less("__key", 50), 20)
    expected = [item(i) for i in range(50)]
    fetch = getattr(m, name)
    assert await fetch(paging) == expected[:20]
    paging.next_page()
    assert await fetch(paging) == expected[20:40]
    paging.next_page()
    assert await fetch(paging) == expected[40:]
    paging.next_page()
    assert await fetch(paging) == []
    paging.page = 1
    assert await fetch(paging) == expected[20:40]
    paging.previous_page()
    assert await fetch(paging) == expected[:20]
    paging.reset()
    assert await fetch(paging) == expected[:20]


async def test_jump_to_a_page(m: Any) -> None:
    paging = p.paging(None, 7)
    paging.page = 5
    assert await m.key_set(paging) == list(range(35, 42))


async def test_pages_in_the_order_of_a_comparator(m: Any) -> None:
    paging = p.paging(None, 3, DescendingOrder())
    assert await m.entry_set(paging) == [(99, 1099), (98, 1098), (97, 1097)]
    paging.next_page()
    assert await m.entry_set(paging) == [(96, 1096), (95, 1095), (94, 1094)]


async def test_aggregate(m: Any) -> None:
    assert await m.aggregate(a.count()) == 100
    assert await m.aggregate(a.count(), p.less("__key", 10)) == 10
    assert await m.aggregate(a.int_sum("this"), p.less("__key", 3)) == 3003
    assert await m.aggregate(a.max_("this")) == 1099
    assert await m.aggregate(a.distinct("this"), p.less("__key", 2)) == {1000, 1001}
    largest = await m.aggregate(a.max_by("this"))
    assert (largest.key, largest.value) == (99, 1099)
    with pytest.raises(AssertionError):
        await m.aggregate(a.count(), p.paging(None, 1))


async def test_project(m: Any) -> None:
    few = p.less("__key", 2)
    assert sorted(await m.project(projections.single_attribute("this"), few)) == [1000, 1001]
    assert sorted(await m.project(projections.multi_attribute("__key", "this"), few)) == [
        [0, 1000],
        [1, 1001],
    ]
    entries = await m.project(projections.identity(), few)
    assert sorted((entry.key, entry.value) for entry in entries) == [(0, 1000), (1, 1001)]
    assert len(await m.project(projections.single_attribute("__key"))) == 100
    with pytest.raises(AssertionError):
        await m.project(projections.identity(), p.paging(None, 1))


async def test_json_values(face: Face, map_name: str) -> None:
    m = await face.get("map", map_name)
    await m.put_all(
        {name: HazelcastJsonValue({"name": name, "age": age}) for name, age in (("a", 1), ("b", 2))}
    )
    await m.add_index(["age"])
    found = await m.values(p.greater("age", 1))
    assert [value.loads() for value in found] == [{"name": "b", "age": 2}]
    assert sorted(await m.project(projections.single_attribute("name"))) == ["a", "b"]


@pytest.mark.parametrize("index_type", [IndexType.SORTED, IndexType.HASH, "SORTED", "HASH"])
async def test_indexes(m: Any, index_type: int | str) -> None:
    assert await m.add_index(["this"], index_type) is None
    await m.add_index(["this"], index_type)  # it exists already
    await m.add_index(["__key", "this"], index_type, name="both")
    assert await m.key_set(p.equal("this", 1005)) == [5]


async def test_bitmap_index(m: Any) -> None:
    options = {"unique_key": "__key", "unique_key_transformation": "LONG"}
    await m.add_index(["this"], IndexType.BITMAP, "bits", options)
    assert await m.key_set(p.equal("this", 1005)) == [5]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, ValueError),
        ({"attributes": []}, ValueError),
        ({"attributes": [None]}, AssertionError),
        ({"attributes": [" "]}, ValueError),
        ({"attributes": ["a."]}, ValueError),
        ({"attributes": ["a", "this.a"]}, ValueError),
        ({"attributes": [f"a{i}" for i in range(256)]}, ValueError),
        ({"attributes": ["a", "b"], "index_type": IndexType.BITMAP}, ValueError),
        ({"attributes": ["a"], "index_type": "TREE"}, TypeError),
        ({"attributes": "age"}, TypeError),
        ({"attributes": ["a"], "bitmap_index_options": {"unique_key": 5}}, TypeError),
    ],
)
async def test_wrong_indexes(m: Any, arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        await m.add_index(**arguments)
