"""Constants, error and metadata of SQL."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any, Final
from uuid import UUID

from hzclient.errors import HazelcastError
from hzclient.util import check_is_int, check_is_number, to_millis, try_to_get_enum_value


def check_is_str(value: object, what: str) -> None:
    """Raise `AssertionError` if the value is not a string."""
    if not isinstance(value, str):
        raise AssertionError(f"{what} must be a str, not {value!r}")


class SqlExpectedResultType:
    """Kind of result that a statement is expected to have; any other kind is an error."""

    ANY: Final = 0
    ROWS: Final = 1
    UPDATE_COUNT: Final = 2


class SqlColumnType:
    """Types of columns, with the Python types of their values."""

    VARCHAR: Final = 0
    """A `str`."""

    BOOLEAN: Final = 1
    """A `bool`."""

    TINYINT: Final = 2
    """An 8-bit `int`."""

    SMALLINT: Final = 3
    """A 16-bit `int`."""

    INTEGER: Final = 4
    """A 32-bit `int`."""

    BIGINT: Final = 5
    """A 64-bit `int`."""

    DECIMAL: Final = 6
    """A `decimal.Decimal`."""

    REAL: Final = 7
    """A single-precision `float`."""

    DOUBLE: Final = 8
    """A `float`."""

    DATE: Final = 9
    """A `datetime.date`."""

    TIME: Final = 10
    """A `datetime.time`; nanoseconds are cut to microseconds."""

    TIMESTAMP: Final = 11
    """A `datetime.datetime` without a time zone."""

    TIMESTAMP_WITH_TIME_ZONE: Final = 12
    """A `datetime.datetime` with a fixed offset from UTC."""

    OBJECT: Final = 13
    """The deserialized object."""

    NULL: Final = 14
    """Always `None`."""

    JSON: Final = 15
    """A `HazelcastJsonValue`."""

    ROW: Final = 16
    """A nested row, as a `str`."""


class SqlErrorCode:
    """Error codes of SQL."""

    GENERIC: Final = -1
    CONNECTION_PROBLEM: Final = 1001
    CANCELLED_BY_USER: Final = 1003
    TIMEOUT: Final = 1004
    PARTITION_DISTRIBUTION: Final = 1005
    MAP_DESTROYED: Final = 1006
    MAP_LOADING_IN_PROGRESS: Final = 1007
    PARSING: Final = 1008
    INDEX_INVALID: Final = 1009
    OBJECT_NOT_FOUND: Final = 1010
    TOPOLOGY_CHANGE: Final = 1011
    RESTARTABLE_ERROR: Final = 1012
    DATA_EXCEPTION: Final = 2000


class HazelcastSqlError(HazelcastError):
    """A statement failed, or a value of its rows cannot be deserialized or represented.

    Args:
        originating_member_uuid: Identity of the member, or of this client, that reports the error.
        code: One of `SqlErrorCode`.
        message: Error message.
        cause: The underlying error, or the member's stack trace as text; it does not become part of `str()`.
        suggestion: A statement that would help, if the member knows one.
    """

    def __init__(
        self,
        originating_member_uuid: UUID,
        code: int,
        message: str | None,
        cause: BaseException | str | None,
        suggestion: str | None = None,
    ) -> None:
        stack_trace = cause if isinstance(cause, str) else None
        super().__init__(message, None if isinstance(cause, str) else cause)
        self._originating_member_uuid = originating_member_uuid
        self._code = code
        self._suggestion = suggestion
        self._stack_trace = stack_trace

    @property
    def originating_member_uuid(self) -> UUID:
        """Identity of the member, or of this client, that reports the error."""
        return self._originating_member_uuid

    @property
    def code(self) -> int:
        """One of `SqlErrorCode`."""
        return self._code

    @property
    def stack_trace(self) -> str | None:
        """Stack trace of the member that reports the error, as text, if it sent one."""
        return self._stack_trace

    @property
    def suggestion(self) -> str | None:
        """A statement that would help (`CREATE MAPPING`, for example), if the member knows one."""
        return self._suggestion


class SqlColumnMetadata:
    """Name and type of a column.

    Args:
        name: Name of the column.
        type: One of `SqlColumnType`.
        nullable: True if the column may hold None.
    """

    __slots__ = ("_name", "_nullable", "_type")

    def __init__(self, name: str, type: int, nullable: bool) -> None:
        self._name = name
        self._type = type
        self._nullable = nullable

    @property
    def name(self) -> str:
        """Name of the column."""
        return self._name

    @property
    def type(self) -> int:
        """One of `SqlColumnType`."""
        return self._type

    @property
    def nullable(self) -> bool:
        """True if the column may hold None."""
        return self._nullable

    def __repr__(self) -> str:
        return f"{self._name} {column_type_name(self._type)}"


class SqlRowMetadata:
    """Columns of a result.

    Args:
        columns: The columns, in order.
    """

    COLUMN_NOT_FOUND: Final = -1
    """Returned by `find_column` if no column has the name."""

    __slots__ = ("_columns", "_indexes")

    def __init__(self, columns: list[SqlColumnMetadata]) -> None:
        self._columns = columns
        self._indexes = {column.name: index for index, column in enumerate(columns)}

    @property
    def columns(self) -> list[SqlColumnMetadata]:
        """The columns, in order."""
        return self._columns

    @property
    def column_count(self) -> int:
        """Number of columns."""
        return len(self._columns)

    def get_column(self, index: int) -> SqlColumnMetadata:
        """Return the column at the given index.

        Args:
            index: Index of the column, starting at 0.

        Returns:
            The column.

        Raises:
            IndexError: If there is no such column.
        """
        return self._columns[index]

    def find_column(self, column_name: str) -> int:
        """Return the index of the column with the given name.

        Args:
            column_name: Name of the column. If several columns have it, the last one counts.

        Returns:
            The index, starting at 0; `COLUMN_NOT_FOUND` if no column has the name.

        Raises:
            AssertionError: If `column_name` is not a string.
        """
        check_is_str(column_name, "the name of a column")
        return self._indexes.get(column_name, self.COLUMN_NOT_FOUND)

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self._columns))}]"


_COLUMN_TYPE_NAMES: Final = {
    value: name for name, value in vars(SqlColumnType).items() if isinstance(value, int)
}


def column_type_name(column_type: int) -> str:
    """Return the name of a `SqlColumnType`; "UNKNOWN" if it is none."""
    return _COLUMN_TYPE_NAMES.get(column_type, "UNKNOWN")


_MAX_INT: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """A statement with all its options.

    Attributes:
        sql: The text, with a `?` for each parameter.
        params: Values of the parameters, in the order of their `?`.
        cursor_buffer_size: Rows that a member sends at once.
        timeout: Seconds that the statement may take; 0 for no limit, -1 for the limit that the
            members are configured with.
        expected_result_type: One of `SqlExpectedResultType`, or its name.
        schema: Schema of the objects whose names do not include one; None for the default.

    Raises:
        AssertionError: If an option has the wrong type.
        ValueError: If an option has an invalid value.
    """

    sql: str
    params: tuple[Any, ...] = ()
    cursor_buffer_size: int = 4096
    timeout: float = -1
    expected_result_type: int | str = SqlExpectedResultType.ANY
    schema: str | None = None

    def __post_init__(self) -> None:
        check_is_str(self.sql, "a statement")
        if not self.sql.strip():
            raise ValueError("a statement must not be blank")
        if self.schema is not None:
            check_is_str(self.schema, "a schema")
        check_is_number(self.timeout, "a timeout must be a number of seconds")
        if not isfinite(self.timeout) or (self.timeout < 0 and self.timeout != -1):
            raise ValueError(f"a timeout must be -1, 0 or more seconds, not {self.timeout}")
        check_is_int(self.cursor_buffer_size, "a cursor buffer size must be an int")
        if not 0 < self.cursor_buffer_size <= _MAX_INT:
            raise ValueError(
                f"a cursor buffer size must be between 1 and {_MAX_INT}, not {self.cursor_buffer_size}"
            )
        try_to_get_enum_value(self.expected_result_type, SqlExpectedResultType)

    @property
    def timeout_millis(self) -> int:
        """The timeout in milliseconds, as members expect it."""
        return -1 if self.timeout == -1 else to_millis(self.timeout)

    @property
    def expected_result(self) -> int:
        """The value of the expected result type, as members expect it."""
        found: int = try_to_get_enum_value(self.expected_result_type, SqlExpectedResultType)
        return found
