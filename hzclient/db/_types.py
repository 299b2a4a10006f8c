"""Types of PEP 249: type objects for columns, and constructors of parameter values."""

from __future__ import annotations

import enum
from datetime import date, datetime, time
from typing import Final, NamedTuple

from hzclient.sql import SqlColumnMetadata, SqlColumnType

Date = date
Time = time
Timestamp = datetime
Binary = bytes


def DateFromTicks(ticks: float) -> date:
    """Return the local date of a time in seconds since 1970."""
    return date.fromtimestamp(ticks)


def TimeFromTicks(ticks: float) -> time:
    """Return the local time of day of a time in seconds since 1970."""
    return datetime.fromtimestamp(ticks).time()


def TimestampFromTicks(ticks: float) -> datetime:
    """Return the local date and time of a time in seconds since 1970."""
    return datetime.fromtimestamp(ticks)


class Type(enum.Enum):
    """Type of the values of a column."""

    NULL = 0
    STRING = 1
    BOOLEAN = 2
    DATE = 3
    TIME = 4
    DATETIME = 5
    INTEGER = 6
    FLOAT = 7
    DECIMAL = 8
    JSON = 9
    OBJECT = 10


class DBAPIType:
    """Type object of PEP 249: compares equal to each of several `Type`s.

    Args:
        *types: The types.
    """

    def __init__(self, *types: Type) -> None:
        self._types = frozenset(types)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DBAPIType):
            return self._types == other._types
        return other in self._types if isinstance(other, Type) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._types)

    def __repr__(self) -> str:
        return f"DBAPIType({', '.join(sorted(type_.name for type_ in self._types))})"


STRING: Final = DBAPIType(Type.STRING)
BINARY: Final = DBAPIType(Type.OBJECT)
NUMBER: Final = DBAPIType(Type.INTEGER, Type.FLOAT, Type.DECIMAL)
DATETIME: Final = DBAPIType(Type.DATE, Type.TIME, Type.DATETIME)
ROWID: Final = DBAPIType()

_TYPES: Final = {
    SqlColumnType.VARCHAR: Type.STRING,
    SqlColumnType.BOOLEAN: Type.BOOLEAN,
    SqlColumnType.TINYINT: Type.INTEGER,
    SqlColumnType.SMALLINT: Type.INTEGER,
    SqlColumnType.INTEGER: Type.INTEGER,
    SqlColumnType.BIGINT: Type.INTEGER,
    SqlColumnType.DECIMAL: Type.DECIMAL,
    SqlColumnType.REAL: Type.FLOAT,
    SqlColumnType.DOUBLE: Type.FLOAT,
    SqlColumnType.DATE: Type.DATE,
    SqlColumnType.TIME: Type.TIME,
    SqlColumnType.TIMESTAMP: Type.DATETIME,
    SqlColumnType.TIMESTAMP_WITH_TIME_ZONE: Type.DATETIME,
    SqlColumnType.OBJECT: Type.OBJECT,
    SqlColumnType.NULL: Type.NULL,
    SqlColumnType.JSON: Type.JSON,
    SqlColumnType.ROW: Type.STRING,
}


class ColumnDescription(NamedTuple):
    """Column of a result. Members report no sizes, precision or scale.

    Attributes:
        name: Name of the column.
        type: Type of its values.
        display_size: Always None.
        internal_size: Always None.
        precision: Always None.
        scale: Always None.
        null_ok: True if it may hold None.
    """

    name: str
    type: Type
    display_size: None
    internal_size: None
    precision: None
    scale: None
    null_ok: bool


def describe(column: SqlColumnMetadata) -> ColumnDescription:
    """Return the description of a column. A type that is not known here counts as `OBJECT`."""
    kind = _TYPES.get(column.type, Type.OBJECT)
    return ColumnDescription(column.name, kind, None, None, None, None, column.nullable)
