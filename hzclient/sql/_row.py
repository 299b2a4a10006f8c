"""Rows, and how their values become objects: when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta, timezone
from itertools import repeat
from typing import Any, Final
from uuid import UUID

from hzclient.core import HazelcastJsonValue
from hzclient.sql._types import HazelcastSqlError, SqlColumnType, SqlErrorCode, SqlRowMetadata
from hzclient.util import check_is_int


class Undecodable:
    """Stands for a value that could not be deserialized, until somebody asks for it."""

    __slots__ = ("_client_uuid", "_error")

    def __init__(self, client_uuid: UUID, error: Exception) -> None:
        self._client_uuid = client_uuid
        self._error = error

    def refusal(self) -> HazelcastSqlError:
        """The error for who asks for the value."""
        message = f"Failed to deserialize a query result value: {self._error}"
        return HazelcastSqlError(self._client_uuid, SqlErrorCode.GENERIC, message, self._error)


def _date(value: tuple[int, int, int]) -> date:
    return date(*value)


def _time(value: tuple[int, int, int, int]) -> time:
    hour, minute, second, nanosecond = value
    return time(hour, minute, second, nanosecond // 1000)


def _timestamp(value: tuple[int, int, int, int, int, int, int]) -> datetime:
    return datetime(*value[:6], value[6] // 1000)


def _timestamp_with_time_zone(value: tuple[int, int, int, int, int, int, int, int]) -> datetime:
    zone = timezone(timedelta(seconds=value[7]))
    return datetime(*value[:6], value[6] // 1000, tzinfo=zone)


def _object(value: Any) -> Any:
    if isinstance(value, Undecodable):
        raise value.refusal()
    return value


_CONVERSIONS: Final[dict[int, Callable[[Any], Any]]] = {
    SqlColumnType.DATE: _date,
    SqlColumnType.TIME: _time,
    SqlColumnType.TIMESTAMP: _timestamp,
    SqlColumnType.TIMESTAMP_WITH_TIME_ZONE: _timestamp_with_time_zone,
    SqlColumnType.OBJECT: _object,
    SqlColumnType.JSON: HazelcastJsonValue,
}
"""The types whose values are not yet what users get."""


class RowShape:
    """What all rows of a result have in common.

    Attributes:
        metadata: The columns.
        conversions: For each column what makes its values; None where they are what they should be.
        converts: Whether there is any conversion.
        positions: The index of each column, by its name and by its index.
    """

    __slots__ = ("conversions", "converts", "metadata", "positions")

    def __init__(self, metadata: SqlRowMetadata) -> None:
        self.metadata = metadata
        self.conversions = [_CONVERSIONS.get(column.type) for column in metadata.columns]
        self.converts = any(self.conversions)
        self.positions: dict[int | str, int] = {
            key: index for index, column in enumerate(metadata.columns) for key in (index, column.name)
        }

    def rows(self, columns: Sequence[Sequence[Any]]) -> Iterator[SqlRow]:
        """Rows of columns of equal length."""
        return map(SqlRow, repeat(self), zip(*columns, strict=True))


class SqlRow:
    """One row of a result. A value is converted when it is asked for, and fails then if it must.

    A date outside of the years 1 to 9999, which SQL has and Python has not, raises `ValueError`; an
    object that cannot be deserialized raises `HazelcastSqlError`.
    """

    __slots__ = ("_shape", "_values")

    def __init__(self, shape: RowShape, values: tuple[Any, ...]) -> None:
        self._shape = shape
        self._values = values

    @property
    def metadata(self) -> SqlRowMetadata:
        """The columns."""
        return self._shape.metadata

    def get_object(self, column_name: str) -> Any:
        """The value in the column of a name.

        Raises:
            ValueError: There is no such column, or Python has no such date.
            HazelcastSqlError: The value cannot be deserialized.
        """
        index = self._shape.metadata.find_column(column_name)
        if index == SqlRowMetadata.COLUMN_NOT_FOUND:
            raise ValueError(f"there is no column {column_name!r} among {self._shape.metadata}")
        return self.get_object_with_index(index)

    def get_object_with_index(self, column_index: int) -> Any:
        """The value in the column at an index, from 0.

        Raises:
            IndexError: There is no such column.
            ValueError: Python has no such date.
            HazelcastSqlError: The value cannot be deserialized.
        """
        check_is_int(column_index, "the index of a column must be an int")
        value = self._values[column_index]
        conversion = self._shape.conversions[column_index]
        return value if conversion is None or value is None else conversion(value)

    def __getitem__(self, item: int | str) -> Any:
        shape = self._shape
        index = shape.positions.get(item)
        if index is None:
            return self._get_unusual(item)
        value = self._values[index]
        conversion = shape.conversions[index]
        return value if conversion is None or value is None else conversion(value)

    def _get_unusual(self, item: int | str) -> Any:
        return self.get_object(item) if isinstance(item, str) else self.get_object_with_index(item)

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        if not self._shape.converts:
            return iter(self._values)
        return (
            value if conversion is None or value is None else conversion(value)
            for conversion, value in zip(self._shape.conversions, self._values, strict=True)
        )

    def __repr__(self) -> str:
        columns = self._shape.metadata.columns
        return f"[{', '.join(f'{c!r}={v!r}' for c, v in zip(columns, self._values, strict=True))}]"
