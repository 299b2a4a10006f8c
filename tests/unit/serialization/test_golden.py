"""Every value that Java wrote is written here as the same bytes, and read as the same value."""

from collections.abc import Iterable

import pytest

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._hash import partition_hash, partition_id, partition_of_hash, payload_hash
from hzclient.serialization.api import FieldKind
from hzclient.serialization.data import Data

from .golden import FACTS, VECTORS, Builder, Vector, comparable

# Python has no such values: years before 1, nanoseconds.
NOT_IN_PYTHON = {"localdate-java-only", "localtime-nanos"}


def parametrized(vectors: Iterable[Vector]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", list(vectors), ids=lambda vector: vector.id)


every_vector = parametrized(VECTORS)
every_python_value = parametrized(vector for vector in VECTORS if vector.id not in NOT_IN_PYTHON)


def test_all_vectors_are_there() -> None:
    assert len(VECTORS) == FACTS["count"]


@every_python_value
def test_encode(vector: Vector) -> None:
    builder = Builder(vector)
    assert vector.matches(builder.service.encode(builder.to_write()))


@parametrized(vector for vector in VECTORS if vector.facts["official_python_5_7_0"]["write"] == "identical")
def test_encode_by_default(vector: Vector) -> None:
    """If a Python type is written as Java's type by default, the plain value is enough."""
    builder = Builder(vector)
    assert vector.matches(builder.service.encode(builder.value))


@every_vector
def test_decode(vector: Vector) -> None:
    builder = Builder(vector)
    data = builder.service.encode(builder.to_write()) if vector.data is None else vector.data
    if vector.id == "localdate-java-only":
        with pytest.raises(HazelcastSerializationError, match="date at offset 8"):
            builder.service.decode(data)
        return
    value = builder.service.decode(data)
    assert comparable(value) == comparable(builder.value)
    assert vector.kind != "constant" or type(value) is type(builder.value) or "entry" in vector.id


@every_vector
def test_partition(vector: Vector) -> None:
    builder = Builder(vector)
    data = builder.service.encode(builder.to_write()) if vector.data is None else vector.data
    assert partition_hash(data) == vector.facts["partition_hash"]
    assert partition_id(data, 271) == vector.facts["partition_id_271"]
    assert Data(data).get_type() == vector.facts["type_id"]


@pytest.mark.parametrize("row", FACTS["murmur3_x86_32"], ids=lambda row: str(len(row["payload_hex"]) // 2))
def test_hash(row: dict[str, object]) -> None:
    assert payload_hash(bytes(8) + bytes.fromhex(str(row["payload_hex"]))) == row["hash"]


@pytest.mark.parametrize("row", FACTS["hash_to_index"], ids=lambda row: str(row["hash"]))
def test_partition_of_hash(row: dict[str, int]) -> None:
    assert partition_of_hash(row["hash"], 271) == row["count_271"]
    assert partition_of_hash(row["hash"], 13) == row["count_13"]


def test_field_kinds() -> None:
    fields = [field for row in FACTS["schema_fingerprints"] for field in row["fields_sorted"]]
    assert fields
    assert all(FieldKind[field["kind"]] == field["kind_id"] for field in fields)
