"""The types of PEP 249: what columns hold, and what makes values for parameters."""

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
    """The local date at a time in seconds since 1970."""
    return date.fromtimestamp(ticks)


def TimeFromTicks(ticks: float) -> time:
    """The local time of day at a time in seconds since 1970."""
    return datetime.fromtimestamp(ticks).time()


def TimestampFromTicks(ticks: float) -> datetime:
    """The local date and time at a time in seconds since 1970."""
    return datetime.fromtimestamp(ticks)


class Type(enum.Enum):
    """What a column holds."""

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
    """A family of types: equal to each of them."""

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
    """A column of a result. Of sizes, precision and scale nothing is known.

    Attributes:
        name: Name of the column.
        type: What it holds.
        null_ok: Whether it may hold None.
    """

    name: str
    type: Type
    display_size: None
    internal_size: None
    precision: None
    scale: None
    null_ok: bool


def describe(column: SqlColumnMetadata) -> ColumnDescription:
    """The description of a column."""
    return ColumnDescription(column.name, _TYPES[column.type], None, None, None, None, column.nullable)
