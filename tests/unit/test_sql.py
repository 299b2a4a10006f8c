"""The parts of SQL that need no member."""

from __future__ import annotations

import pickle
from datetime import datetime, time, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from hzclient.sql import (
    HazelcastSqlError,
    SqlColumnMetadata,
    SqlColumnType,
    SqlErrorCode,
    SqlRow,
    SqlRowMetadata,
    SqlStatement,
)
from hzclient.sql._row import RowShape, Undecodable
from hzclient.sql._service import _PartitionArguments


def row_of(column_type: int, *values: Any) -> SqlRow:
    columns = [SqlColumnMetadata(f"c{index}", column_type, True) for index in range(len(values))]
    return SqlRow(RowShape(SqlRowMetadata(columns)), values)


def test_nanoseconds_are_cut_off() -> None:
    assert row_of(SqlColumnType.TIME, (1, 2, 3, 123456789))[0] == time(1, 2, 3, 123456)
    value = row_of(SqlColumnType.TIMESTAMP_WITH_TIME_ZONE, (2024, 2, 29, 1, 2, 3, 999, 3600))["c0"]
    assert value == datetime(2024, 2, 29, 1, 2, 3, tzinfo=timezone(timedelta(hours=1)))
    assert value.utcoffset() == timedelta(hours=1)


def test_a_date_outside_of_python_fails_alone() -> None:
    row = row_of(SqlColumnType.DATE, (2024, 2, 29), (10000, 1, 1), None)
    assert row[0].year == 2024
    assert row[2] is None
    with pytest.raises(ValueError, match="year"):
        row[1]


def test_an_object_that_cannot_be_deserialized_fails_alone() -> None:
    cause = ValueError("broken")
    row = row_of(SqlColumnType.OBJECT, "fine", Undecodable(UUID(int=7), cause))
    assert row[0] == "fine"
    with pytest.raises(HazelcastSqlError, match="Failed to deserialize") as raised:
        row["c1"]
    assert raised.value.__cause__ is cause
    assert raised.value.originating_member_uuid == UUID(int=7)


def test_of_columns_of_one_name_the_last_counts() -> None:
    columns = [SqlColumnMetadata("same", SqlColumnType.INTEGER, False)] * 2
    row = SqlRow(RowShape(SqlRowMetadata(columns)), (1, 2))
    assert row["same"] == 2
    assert list(row) == [1, 2]


def test_errors_tell_all_and_can_be_pickled() -> None:
    error = HazelcastSqlError(UUID(int=1), SqlErrorCode.OBJECT_NOT_FOUND, "message", None, "CREATE MAPPING")
    for seen in (error, pickle.loads(pickle.dumps(error))):
        assert seen.originating_member_uuid == UUID(int=1)
        assert (seen.code, seen.suggestion, str(seen)) == (1010, "CREATE MAPPING", "message")


def test_timeouts_on_the_wire() -> None:
    assert [SqlStatement("x", timeout=t).timeout_millis for t in (-1, 0, 1.5)] == [-1, 0, 1500]


def test_partition_arguments_are_remembered_within_bounds() -> None:
    arguments = _PartitionArguments()
    arguments.learn("a", 1)
    assert arguments.key("a", [b"0", b"1"]) == b"1"
    assert arguments.key("a", [b"0"]) is None
    assert arguments.key("b", [b"0"]) is None
    arguments.learn("a", -1)
    assert arguments.key("a", [b"0", b"1"]) is None
    for number in range(3000):
        arguments.learn(str(number), 0)
    assert arguments.key("2999", [b"k"]) == b"k"
    assert arguments.key("0", [b"k"]) is None
