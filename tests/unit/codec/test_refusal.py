"""Encoders name the parameter that does not fit into the wire format."""

from typing import Any
from uuid import UUID

import pytest

from hzclient._codec import atomic_long, list, map, ringbuffer, vector_collection
from hzclient._codec import transactional_map as transactional
from hzclient._codec.custom import VectorSearchOptions
from hzclient.errors import IllegalArgumentError
from hzclient.protocol import RaftGroupId


@pytest.mark.parametrize("sequence", [2**63, -(2**63) - 1, 10**5000], ids=["above", "below", "huge"])
def test_ints_beyond_64_bits(sequence: int) -> None:
    with pytest.raises(IllegalArgumentError, match=r"Ringbuffer.readOne: sequence must be an int of 64 bits"):
        ringbuffer.READ_ONE.encode("r", sequence)


def test_ints_at_the_limits_fit() -> None:
    for sequence in (2**63 - 1, -(2**63)):
        ringbuffer.READ_ONE.encode("r", sequence)


def test_ints_beyond_32_bits() -> None:
    with pytest.raises(
        IllegalArgumentError, match=r"List.get: index must be an int of 32 bits.*not 2147483648"
    ):
        list.GET.encode("l", 2**31)


@pytest.mark.parametrize("value", [None, "1", 1.0, float("nan")])
def test_what_is_no_int(value: Any) -> None:
    with pytest.raises(TypeError, match=r"AtomicLong.addAndGet: delta must be an int, not"):
        atomic_long.ADD_AND_GET.encode(RaftGroupId("g", 0, 1), "a", value)


def test_names() -> None:
    name: Any = 5
    with pytest.raises(TypeError, match=r"Map.get: name must be a str, not 5"):
        map.GET.encode(name, b"k", 1)
    with pytest.raises(IllegalArgumentError, match=r"name must be text without lone surrogates"):
        map.GET.encode("\ud800", b"k", 1)


def test_a_uuid() -> None:
    number: Any = 5
    with pytest.raises(TypeError, match=r"txn_id must be a UUID, not 5"):
        transactional.SIZE.encode("m", number, 1)
    transactional.SIZE.encode("m", UUID(int=1), 1)


def test_fields_of_a_composite() -> None:
    with pytest.raises(IllegalArgumentError, match=r"VectorSearchOptions: limit must be an int of 32 bits"):
        vector_collection.SEARCH_NEAR_VECTOR.encode("v", [], VectorSearchOptions(True, True, 2**31, {}))


def test_what_is_no_composite() -> None:
    nothing: Any = None
    with pytest.raises(TypeError, match=r"expected a value with the fields of RaftGroupId, not None"):
        atomic_long.ADD_AND_GET.encode(nothing, "a", 1)
