"""Parts of SQL that need no member."""

from __future__ import annotations

import pickle
import traceback
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hzclient.core import HazelcastJsonValue
from hzclient.db import DataError
from hzclient.db._errors import data_error
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
from tests.internals import private

CLIENT = UUID(int=7)


def row_of(column_type: int, *values: Any) -> SqlRow:
    columns = [SqlColumnMetadata(f"c{index}", column_type, True) for index in range(len(values))]
    return SqlRow(RowShape(SqlRowMetadata(columns), CLIENT), values)


def test_the_text_of_an_error_is_its_message() -> None:
    error = HazelcastSqlError(
        CLIENT, SqlErrorCode.PARSING, "no such table", "java.lang.Error\n\tat a.B.c(B.java:1)"
    )
    assert str(error) == "no such table"
    assert error.args == ("no such table", None)
    assert error.stack_trace == "java.lang.Error\n\tat a.B.c(B.java:1)"
    assert pickle.loads(pickle.dumps(error)).stack_trace == error.stack_trace
    assert str(HazelcastSqlError(CLIENT, SqlErrorCode.GENERIC, "outer", KeyError("k"))).startswith("outer")


def test_nanoseconds_are_cut_off() -> None:
    assert row_of(SqlColumnType.TIME, (1, 2, 3, 123456789))[0] == time(1, 2, 3, 123456)
    value = row_of(SqlColumnType.TIMESTAMP_WITH_TIME_ZONE, (2024, 2, 29, 1, 2, 3, 999, 3600))["c0"]
    assert value == datetime(2024, 2, 29, 1, 2, 3, tzinfo=timezone(timedelta(hours=1)))
    assert value.utcoffset() == timedelta(hours=1)


def test_a_date_outside_of_python_fails_alone() -> None:
    row = row_of(SqlColumnType.DATE, (2024, 2, 29), (10000, 1, 1), None)
    assert row[0].year == 2024
    assert row[2] is None
    with pytest.raises(HazelcastSqlError, match=r"DATE \(10000, 1, 1\) in column 'c1': year") as raised:
        row[1]
    assert raised.value.code == SqlErrorCode.DATA_EXCEPTION


def test_an_object_that_cannot_be_deserialized_fails_alone() -> None:
    cause = KeyError("broken")
    row = row_of(SqlColumnType.OBJECT, "fine", Undecodable(cause))
    assert row[0] == "fine"
    lengths = set()
    for _ in range(3):
        with pytest.raises(
            HazelcastSqlError, match="Failed to deserialize the value of column 'c1'"
        ) as raised:
            row["c1"]
        assert raised.value.__cause__ is cause
        assert raised.value.originating_member_uuid == CLIENT
        lengths.add(len(traceback.extract_tb(cause.__traceback__)))
    assert len(lengths) == 1  # the traceback of the cause does not grow


INT = st.integers(-(2**31), 2**31 - 1)
BYTE = st.integers(-128, 127)
DATES = st.tuples(INT, BYTE, BYTE)
TIMES = st.tuples(BYTE, BYTE, BYTE, INT)
WIRE_VALUES = {
    SqlColumnType.DATE: (DATES, date),
    SqlColumnType.TIME: (TIMES, time),
    SqlColumnType.TIMESTAMP: (st.builds(lambda day, clock: day + clock, DATES, TIMES), datetime),
    SqlColumnType.TIMESTAMP_WITH_TIME_ZONE: (
        st.builds(lambda day, clock, offset: (*day, *clock, offset), DATES, TIMES, INT),
        datetime,
    ),
    SqlColumnType.JSON: (st.text(), HazelcastJsonValue),
    SqlColumnType.OBJECT: (
        st.sampled_from([KeyError("k"), OverflowError("o"), AttributeError(), ZeroDivisionError()]).map(
            Undecodable
        ),
        object,
    ),
    SqlColumnType.DECIMAL: (st.just(Decimal("1E+2147483647")), Decimal),
}


@pytest.mark.parametrize("column_type", WIRE_VALUES)
def test_any_value_that_a_member_can_send_is_given_or_refused_by_an_error_of_sql(column_type: int) -> None:
    values, kind = WIRE_VALUES[column_type]

    @given(values)
    @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def check(value: Any) -> None:
        row = row_of(column_type, value)
        readers = [
            lambda: row[0],
            lambda: row["c0"],
            lambda: row.get_object("c0"),
            lambda: row.get_object_with_index(0),
            lambda: next(iter(row)),
        ]
        assert repr(row).startswith("[c0 ")
        try:
            assert isinstance(row[0], kind)
        except HazelcastSqlError as error:
            assert isinstance(error.__cause__, Exception)
            for read in readers:
                with pytest.raises(HazelcastSqlError):
                    read()
            private(row, "_shape").raised_as = data_error
            for read in readers:
                with pytest.raises(DataError) as raised:
                    read()
                assert isinstance(raised.value.__cause__, Exception)
        else:
            assert all(read() == row[0] for read in readers)

    check()


def test_rows_print_their_columns_and_values() -> None:
    metadata = SqlRowMetadata(
        [
            SqlColumnMetadata("v", SqlColumnType.VARCHAR, True),
            SqlColumnMetadata("d", SqlColumnType.DATE, True),
            SqlColumnMetadata("n", SqlColumnType.NULL, True),
        ]
    )
    shape = RowShape(metadata, CLIENT)
    assert str(SqlRow(shape, ("x", (2024, 1, 2), None))) == "[v VARCHAR=x, d DATE=2024-01-02, n NULL=None]"
    assert "Python cannot represent the DATE (0, 1, 1)" in str(SqlRow(shape, ("x", (0, 1, 1), None)))


def test_of_columns_of_one_name_the_last_counts() -> None:
    columns = [SqlColumnMetadata("same", SqlColumnType.INTEGER, False)] * 2
    row = SqlRow(RowShape(SqlRowMetadata(columns), CLIENT), (1, 2))
    assert row["same"] == 2
    assert list(row) == [1, 2]


def test_errors_tell_all_and_can_be_pickled() -> None:
    error = HazelcastSqlError(UUID(int=1), SqlErrorCode.OBJECT_NOT_FOUND, "message", None, "CREATE MAPPING")
    for seen in (error, pickle.loads(pickle.dumps(error))):
        assert seen.originating_member_uuid == UUID(int=1)
        assert (seen.code, seen.suggestion, str(seen)) == (1010, "CREATE MAPPING", "message")


def test_timeouts_on_the_wire() -> None:
    assert [SqlStatement("x", timeout=t).timeout_millis for t in (-1, 0, 1.5)] == [-1, 0, 1500]
    assert SqlStatement("x", timeout=1e300).timeout_millis == 2**63 - 1


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": float("nan")},
        {"timeout": float("inf")},
        {"timeout": -0.5},
        {"cursor_buffer_size": 0},
        {"cursor_buffer_size": 2**31},
    ],
    ids=str,
)
def test_options_that_have_no_place_on_the_wire(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        SqlStatement("x", **options)


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
