"""Vector clocks, the values of CP and of vector collections, and pickles of values."""

from __future__ import annotations

import copy
import pickle
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient.cluster import ClientInfo, VectorClock
from hzclient.core import (
    Address,
    HazelcastJsonValue,
    MapEntry,
    MemberInfo,
    MemberVersion,
    SimpleEntryView,
)
from hzclient.protocol import RaftGroupId
from hzclient.serialization.data import Data
from hzclient.serialization.objects import IdentifiedMapEntry
from hzclient.vector import Document, IndexConfig, Metric, Type, Vector

CLOCKS = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3))
VECTOR = Vector("v", Type.DENSE, [1.0, 2.0])


def make_clock(timestamps: dict[str, int]) -> VectorClock:
    clock = VectorClock()
    for replica, timestamp in timestamps.items():
        clock.set_replica_timestamp(replica, timestamp)
    return clock


@pytest.mark.parametrize(
    ("clock", "other", "after"),
    [
        ({}, {}, False),
        ({"a": 1}, {}, True),
        ({}, {"a": 1}, False),
        ({"a": 1}, {"a": 1}, False),
        ({"a": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 2, "b": 1}, {"a": 1, "b": 2}, False),
        ({"a": 2, "b": 1}, {"a": 1, "b": 1}, True),
        ({"a": 1, "b": 0}, {"a": 1}, True),
        ({"a": 5}, {"b": 1}, False),
    ],
)
def test_clock_is_after(clock, other, after):
    assert make_clock(clock).is_after(make_clock(other)) is after


@given(CLOCKS, CLOCKS, CLOCKS)
def test_is_after_is_a_strict_order(a, b, c):
    first, second, third = make_clock(a), make_clock(b), make_clock(c)
    assert not first.is_after(first)
    assert not (first.is_after(second) and second.is_after(first))
    if first.is_after(second) and second.is_after(third):
        assert first.is_after(third)


def test_clock_entries():
    clock = make_clock({"a": 1, "b": 2})
    clock.set_replica_timestamp("a", 3)
    assert sorted(clock.entry_set()) == [("a", 3), ("b", 2)]
    assert clock.size() == 2


def test_client_info():
    info = ClientInfo(uuid.UUID(int=1), Address("h", 1), "me", {"x"})
    assert (info.uuid, info.address, info.name, info.labels) == (
        uuid.UUID(int=1),
        Address("h", 1),
        "me",
        {"x"},
    )
    assert "me" in repr(info)


def test_group_ids_are_values():
    group = RaftGroupId("default", 0, 7)
    assert (group.name, group.seed, group.id) == ("default", 0, 7)
    assert group in {RaftGroupId("default", 0, 7)}
    assert group != RaftGroupId("default", 1, 7)
    assert copy.copy(group) == group


@pytest.mark.parametrize(
    ("vectors", "vector"),
    [(VECTOR, VECTOR), ([VECTOR], VECTOR), ([VECTOR, Vector("w", Type.DENSE, [])], VECTOR), ([], None)],
)
def test_vector_of_a_document(vectors, vector):
    assert Document("x", vectors).vector is vector


def test_a_copy_of_a_document_may_change_alone():
    document = Document("x", VECTOR)
    copied = copy.copy(document)
    copied.value = "y"
    assert document.value == "x"
    assert copied.vectors is VECTOR


def test_index_defaults():
    index = IndexConfig("i", Metric.COSINE, 3)
    assert (index.max_degree, index.ef_construction, index.use_deduplication) == (32, 100, True)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "value",
    [
        Address("a", 1),
        MemberInfo(Address("a", 1), uuid.UUID(int=1), {}, False, MemberVersion(5, 7, 0), None, {}),
        MapEntry("k", "v"),
        IdentifiedMapEntry("k", "v"),
        SimpleEntryView("k", "v", *range(10)),
        HazelcastJsonValue("{}"),
        Data(bytes(8)),
        ClientInfo(uuid.UUID(int=1), Address("a", 1), "name", {"label"}),
        make_clock({"a": 1}),
        Document("x", VECTOR),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_can_be_pickled(value, protocol):
    """Protocol 0 is that of values within tuples and dicts."""
    copied = pickle.loads(pickle.dumps(value, protocol))
    assert type(copied) is type(value)
    assert copied.__getstate__() == value.__getstate__()
