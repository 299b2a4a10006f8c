"""Records that are read by column are what they are when they are read one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._options import SerializationOptions
from hzclient.serialization._service import SerializationService
from hzclient.serialization.api import FieldKind
from hzclient.serialization.columns import Column, read_columns
from hzclient.serialization.compact import SchemaNotFoundError
from hzclient.serialization.generic_record import compact_record

Fields = dict[str, FieldKind]

EAST = timezone(timedelta(hours=5, minutes=30))
VALUES: dict[FieldKind, Sequence[Any]] = {
    FieldKind.BOOLEAN: [True, False],
    FieldKind.INT8: [-128, 127],
    FieldKind.INT16: [-(2**15), 2**15 - 1],
    FieldKind.INT32: [-(2**31), 2**31 - 1],
    FieldKind.INT64: [-(2**63), 2**63 - 1],
    FieldKind.FLOAT32: [-0.5, 2.0**100],
    FieldKind.FLOAT64: [0.1, float("inf")],
    FieldKind.NULLABLE_BOOLEAN: [True, None, False],
    FieldKind.NULLABLE_INT8: [-128, None],
    FieldKind.NULLABLE_INT16: [None, 2**15 - 1],
    FieldKind.NULLABLE_INT32: [-(2**31), None],
    FieldKind.NULLABLE_INT64: [None, None],
    FieldKind.NULLABLE_FLOAT32: [0.5, None],
    FieldKind.NULLABLE_FLOAT64: [None, 0.1],
    FieldKind.STRING: ["", None, "ä" * 10, "x" * 300],
    FieldKind.DECIMAL: [Decimal("1.50"), None, Decimal(-(10**30))],
    FieldKind.TIME: [time(23, 59, 59, 999_999), None],
    FieldKind.DATE: [date(1, 1, 1), None, date(9999, 12, 31)],
    FieldKind.TIMESTAMP: [datetime(1, 1, 1), None, datetime(2024, 2, 29, 23, 59, 59, 999_999), datetime.max],
    FieldKind.TIMESTAMP_WITH_TIMEZONE: [
        datetime(1900, 3, 1, tzinfo=UTC),
        datetime(2100, 2, 28, tzinfo=EAST),
        None,
    ],
    FieldKind.ARRAY_OF_INT32: [[1, 2], None, []],
    FieldKind.ARRAY_OF_STRING: [["a", None], []],
}


def written(service: SerializationService, fields: Fields, rows: Sequence[Sequence[Any]]) -> list[bytes]:
    return [
        service.encode(
            compact_record(
                "row", {name: (kind, v) for (name, kind), v in zip(fields.items(), row, strict=True)}
            )
        )
        for row in rows
    ]


def values_of(column: Column) -> list[Any]:
    """Return the values of a column as Python objects."""
    if isinstance(column.values, list):
        return column.values
    values = column.values.tolist()
    if column.kind == FieldKind.TIMESTAMP_WITH_TIMEZONE:
        values = [value.replace(tzinfo=UTC) for value in values]
    present = numpy.ones(len(values), bool) if column.present is None else column.present
    return [value if there else None for value, there in zip(values, present, strict=True)]


def check(service: SerializationService, datas: list[bytes]) -> None:
    columns = read_columns(service, datas)
    records = [service.decode(data) for data in datas]
    assert columns is not None
    assert [(column.name, column.kind) for column in columns] == list(records[0].kinds.items())
    for column in columns:
        assert values_of(column) == [record[column.name] for record in records], column.name


@pytest.fixture(params=[True, False], ids=["big", "little"])
def service(request: pytest.FixtureRequest) -> SerializationService:
    return SerializationService(SerializationOptions(is_big_endian=request.param))


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.name)
def test_each_kind(service: SerializationService, kind: FieldKind) -> None:
    check(service, written(service, {"x": kind}, [[value] for value in VALUES[kind]]))


def test_all_kinds_together(service: SerializationService) -> None:
    fields = {f"f{kind.name}": kind for kind in VALUES}
    rows = [[values[place % len(values)] for values in VALUES.values()] for place in range(12)]
    check(service, written(service, fields, rows))


def test_many_booleans(service: SerializationService) -> None:
    fields = {f"b{place:02}": FieldKind.BOOLEAN for place in range(19)}
    check(
        service,
        written(service, fields, [[(row >> place) % 3 == 0 for place in range(19)] for row in range(9)]),
    )


def test_records_without_fields(service: SerializationService) -> None:
    assert read_columns(service, written(service, {}, [[], []])) == []


def test_what_is_not_of_one_schema_is_left_to_the_caller(service: SerializationService) -> None:
    first = written(service, {"x": FieldKind.INT32}, [[1]])
    second = written(service, {"x": FieldKind.INT64}, [[1]])
    nested = written(service, {"x": FieldKind.COMPACT}, [[None]])
    large = written(service, {"x": FieldKind.STRING}, [["x" * 70_000]])
    for datas in (first + second, nested, large, [service.encode("text, and more")], [b""], []):
        assert read_columns(service, datas) is None


def test_an_unknown_schema_is_asked_for(service: SerializationService) -> None:
    datas = written(service, {"x": FieldKind.INT32}, [[1]])
    with pytest.raises(SchemaNotFoundError):
        read_columns(SerializationService(service.options), datas)


SERVICE = SerializationService()
FIELDS = {kind.name: kind for kind in VALUES}
ROW = written(SERVICE, FIELDS, [[values[0] for values in VALUES.values()]])[0]
GOOD = written(SERVICE, FIELDS, [[values[-1] for values in VALUES.values()]])[0]


@given(at=st.integers(16, len(ROW) - 1), byte=st.integers(0, 255), cut=st.integers(0, 20))
def test_broken_records_are_never_read_as_others(at: int, byte: int, cut: int) -> None:
    broken = bytearray(ROW)
    broken[at] = byte
    datas = [GOOD, bytes(broken[: len(broken) - cut])]
    try:
        expected = [SERVICE.decode(data) for data in datas]
    except HazelcastSerializationError:
        assert read_columns(SERVICE, datas) is None
        return
    columns = read_columns(SERVICE, datas)
    for column in columns or []:
        assert str(values_of(column)) == str([as_utc(record[column.name]) for record in expected])


def as_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value
