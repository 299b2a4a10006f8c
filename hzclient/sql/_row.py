"""Rows, and the conversion of their values when they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta, timezone
from itertools import repeat
from types import TracebackType
from typing import Any, Final, NoReturn
from uuid import UUID

from hzclient.core import HazelcastJsonValue
from hzclient.sql._types import (
    HazelcastSqlError,
    SqlColumnType,
    SqlErrorCode,
    SqlRowMetadata,
    column_type_name,
)
from hzclient.util import check_is_int


class Undecodable:
    """Placeholder for a value that could not be deserialized; reading it raises the error.

    Args:
        error: Why deserialization failed.
    """

    __slots__ = ("_error", "_traceback")

    def __init__(self, error: Exception) -> None:
        self._error = error
        self._traceback: TracebackType | None = error.__traceback__

    def fail(self) -> NoReturn:
        """Raise the error, with its first traceback: it would grow with every read."""
        raise self._error.with_traceback(self._traceback)


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
        value.fail()
    return value


_CONVERSIONS: Final[dict[int, Callable[[Any], Any]]] = {
    SqlColumnType.DATE: _date,
    SqlColumnType.TIME: _time,
    SqlColumnType.TIMESTAMP: _timestamp,
    SqlColumnType.TIMESTAMP_WITH_TIME_ZONE: _timestamp_with_time_zone,
    SqlColumnType.OBJECT: _object,
    SqlColumnType.JSON: HazelcastJsonValue,
}
"""Column types whose decoded values are not yet what the user gets."""


class RowShape:
    """What all rows of a result share.

    Args:
        metadata: Columns of the result.
        client_uuid: Identity of this client, the origin of the errors that reading a value raises.

    Attributes:
        metadata: Columns of the result.
        conversions: One function per column; None if the decoded value is already right.
        converts: True if any column has a conversion.
        positions: Index of each column, by its name and by its index.
        raised_as: Turns the error of a value into the exception that a face of its own raises
            instead (DB-API does that).
    """

    __slots__ = ("_client_uuid", "conversions", "converts", "metadata", "positions", "raised_as")

    def __init__(self, metadata: SqlRowMetadata, client_uuid: UUID) -> None:
        self.metadata = metadata
        self.conversions = [_CONVERSIONS.get(column.type) for column in metadata.columns]
        self.converts = any(self.conversions)
        self.positions: dict[int | str, int] = {
            key: index for index, column in enumerate(metadata.columns) for key in (index, column.name)
        }
        self.raised_as: Callable[[HazelcastSqlError], Exception] = _unchanged
        self._client_uuid = client_uuid

    def rows(self, columns: Sequence[Sequence[Any]]) -> Iterator[SqlRow]:
        """Return the rows of columns of equal length."""
        return map(SqlRow, repeat(self), zip(*columns, strict=True))

    def converted(self, columns: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Return the values of columns as reading each row gives them.

        Args:
            columns: Decoded values.

        Returns:
            The values.

        Raises:
            Exception: That of `failure`, for the first value that cannot be converted.
        """
        return [self._converted(index, values) for index, values in enumerate(columns)]

    def _converted(self, index: int, values: Sequence[Any]) -> list[Any]:
        conversion = self.conversions[index]
        if conversion is None:
            return list(values)
        found: list[Any] = []
        for value in values:
            try:
                found.append(None if value is None else conversion(value))
            except Exception as error:
                raise self.failure(index, value, error) from error
        return found

    def failure(self, index: int, value: Any, cause: Exception) -> Exception:
        """Return the exception for a value that cannot be converted.

        Args:
            index: Index of the column.
            value: The decoded value.
            cause: What the conversion raised.

        Returns:
            A `HazelcastSqlError`, or what `raised_as` makes of it.
        """
        column = self.metadata.columns[index]
        if isinstance(value, Undecodable):
            code = SqlErrorCode.GENERIC
            message = f"Failed to deserialize the value of column {column.name!r}: {cause}"
        else:
            code = SqlErrorCode.DATA_EXCEPTION
            kind = column_type_name(column.type)
            message = f"Python cannot represent the {kind} {value} in column {column.name!r}: {cause}"
        return self.raised_as(HazelcastSqlError(self._client_uuid, code, message, cause))


def _unchanged(error: HazelcastSqlError) -> Exception:
    return error


class SqlRow:
    """One row of a result: a sequence whose values can also be read by column name.

    Values are converted when they are read. A value that Python cannot represent (a date outside the
    years 1 to 9999) or that cannot be deserialized raises `HazelcastSqlError` then; in DB-API it
    raises `hzclient.db.DataError`. The other values of the row stay readable.

    Args:
        shape: What the rows of the result share.
        values: Decoded values, one per column.
    """

    __slots__ = ("_shape", "_values")

    def __init__(self, shape: RowShape, values: tuple[Any, ...]) -> None:
        self._shape = shape
        self._values = values

    @property
    def metadata(self) -> SqlRowMetadata:
        """Columns of the row."""
        return self._shape.metadata

    def get_object(self, column_name: str) -> Any:
        """Return the value of the column with the given name.

        Args:
            column_name: Name of the column. If several columns have it, the last one counts.

        Returns:
            The value; see `SqlColumnType` for its Python type.

        Raises:
            AssertionError: If `column_name` is not a string.
            ValueError: If there is no such column.
            HazelcastSqlError: If the value cannot be deserialized or represented.
        """
        index = self._shape.metadata.find_column(column_name)
        if index == SqlRowMetadata.COLUMN_NOT_FOUND:
            raise ValueError(f"there is no column {column_name!r} among {self._shape.metadata}")
        return self._value(index)

    def get_object_with_index(self, column_index: int) -> Any:
        """Return the value of the column at the given index.

        Args:
            column_index: Index of the column, starting at 0. A negative one counts from the end.

        Returns:
            The value; see `SqlColumnType` for its Python type.

        Raises:
            AssertionError: If `column_index` is not an int.
            IndexError: If there is no such column.
            HazelcastSqlError: If the value cannot be deserialized or represented.
        """
        check_is_int(column_index, "the index of a column must be an int")
        return self._value(column_index)

    def __getitem__(self, item: int | str) -> Any:
        shape = self._shape
        index = shape.positions.get(item)
        if index is None:
            return self._get_unusual(item)
        # `_value()` inlined: programs read every value this way.
        value = self._values[index]
        conversion = shape.conversions[index]
        if conversion is None or value is None:
            return value
        try:
            return conversion(value)
        except Exception as error:
            raise shape.failure(index, value, error) from error

    def _get_unusual(self, item: int | str) -> Any:
        return self.get_object(item) if isinstance(item, str) else self.get_object_with_index(item)

    def _value(self, index: int) -> Any:
        value = self._values[index]
        conversion = self._shape.conversions[index]
        if conversion is None or value is None:
            return value
        try:
            return conversion(value)
        except Exception as error:
            raise self._shape.failure(index, value, error) from error

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        if not self._shape.converts:
            return iter(self._values)
        return map(self._value, range(len(self._values)))

    def __repr__(self) -> str:
        columns = self._shape.metadata.columns
        return f"[{', '.join(f'{column!r}={self._text(index)}' for index, column in enumerate(columns))}]"

    def _text(self, index: int) -> str:
        try:
            return str(self._value(index))
        except Exception as error:
            return f"<{error}>"
