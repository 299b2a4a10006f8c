"""Columns that hold objects: Compact and Portable ones, in maps that SQL reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import hzclient
from hzclient.serialization.api import (
    CompactReader,
    CompactSerializer,
    CompactWriter,
    Portable,
    PortableReader,
    PortableWriter,
)
from hzclient.server import LocalCluster
from hzclient.sql import SqlColumnType
from tests.integration.faces import unique_name
from tests.integration.sql.service import Sql

FACTORY_ID = 7
CLASS_ID = 3
NUMBERS = range(100)
"""Keys of the maps: more than the rows of a page."""


@dataclass
class Person:
    """Serialized as Compact without configuration."""

    name: str
    age: int

    @classmethod
    def number(cls, number: int) -> Person:
        return cls(f"name {number}", number)


@dataclass
class Car:
    """Serialized as Compact by `CarSerializer`."""

    name: str
    age: int

    @classmethod
    def number(cls, number: int) -> Car:
        return cls(f"name {number}", number)


class CarSerializer(CompactSerializer[Car]):
    """Serializer of cars."""

    def read(self, reader: CompactReader) -> Car:
        return Car(reader.read_string("name") or "", reader.read_int64("age"))

    def write(self, writer: CompactWriter, obj: Car) -> None:
        writer.write_string("name", obj.name)
        writer.write_int64("age", obj.age)

    def get_class(self) -> type[Car]:
        return Car

    def get_type_name(self) -> str:
        return "sql.Car"


@dataclass
class Ship(Portable):
    """Serialized as Portable."""

    name: str | None = None
    age: int = 0

    @classmethod
    def number(cls, number: int) -> Ship:
        return cls(f"name {number}", number)

    def write_portable(self, writer: PortableWriter) -> None:
        writer.write_string("name", self.name)
        writer.write_long("age", self.age)

    def read_portable(self, reader: PortableReader) -> None:
        self.name = reader.read_string("name")
        self.age = reader.read_long("age")

    def get_factory_id(self) -> int:
        return FACTORY_ID

    def get_class_id(self) -> int:
        return CLASS_ID


COMPACT = "'valueFormat'='compact', 'valueCompactTypeName'='{}'"
PORTABLE = (
    f"'valueFormat'='portable', 'valuePortableFactoryId'='{FACTORY_ID}', 'valuePortableClassId'='{CLASS_ID}'"
)
PERSON = COMPACT.format(f"{Person.__module__}.{Person.__qualname__}")

KINDS = pytest.mark.parametrize(
    ("kind", "value_format"),
    [(Person, PERSON), (Car, COMPACT.format("sql.Car")), (Ship, PORTABLE)],
    ids=["dataclass", "compact serializer", "portable"],
)


@pytest.fixture(scope="module")
def client_options() -> dict[str, Any]:
    return {"compact_serializers": [CarSerializer()], "portable_factories": {FACTORY_ID: {CLASS_ID: Ship}}}


@pytest.fixture(scope="module")
def threaded_client(
    hazelcast_cluster: LocalCluster, client_options: dict[str, Any]
) -> Iterator[hzclient.HazelcastClient]:
    """Return the client of the Future and blocking faces, configured with the classes above."""
    with hzclient.HazelcastClient(cluster_members=hazelcast_cluster.addresses, **client_options) as client:
        yield client


async def mapped(sql: Sql, value_format: str) -> Any:
    """Return a new map, and create a mapping for it."""
    m = await sql.face.get("map", unique_name("objects").replace("-", "_"))
    await sql.execute(
        f"CREATE MAPPING {m.name} (__key INT, name VARCHAR, age BIGINT) TYPE IMap "
        f"OPTIONS ('keyFormat'='int', {value_format})"
    )
    return m


@KINDS
async def test_objects_of_a_map(sql: Sql, kind: Any, value_format: str) -> None:
    m = await mapped(sql, value_format)
    await m.put_all({number: kind.number(number) for number in NUMBERS})
    result = await sql.execute(f"SELECT __key, this, name FROM {m.name}", cursor_buffer_size=70)
    assert result.get_row_metadata().get_column(1).type == SqlColumnType.OBJECT
    found = {row["__key"]: (row["this"], row["name"]) for row in await sql.rows(result)}
    assert found == {number: (kind.number(number), f"name {number}") for number in NUMBERS}


@KINDS
async def test_objects_are_found_by_their_fields(sql: Sql, kind: Any, value_format: str) -> None:
    m = await mapped(sql, value_format)
    await m.put_all({number: kind.number(number) for number in NUMBERS})
    rows = await sql.query(f"SELECT this FROM {m.name} WHERE age > ? ORDER BY age", 97)
    assert [row["this"] for row in rows] == [kind.number(98), kind.number(99)]


@pytest.mark.parametrize(
    ("kind", "value_format"),
    [(Car, COMPACT.format("sql.Car")), (Ship, PORTABLE)],
    ids=["compact serializer", "portable"],
)
async def test_objects_that_sql_made(sql: Sql, kind: Any, value_format: str) -> None:
    m = await mapped(sql, value_format)
    await sql.execute(f"INSERT INTO {m.name} (__key, name, age) VALUES (?, ?, ?)", 5, "name 5", 5)
    assert await m.get(5) == kind.number(5)
    (row,) = await sql.query(f"SELECT this FROM {m.name}")
    assert row["this"] == kind.number(5)
