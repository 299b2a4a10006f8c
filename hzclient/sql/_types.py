"""The constants, the error and the metadata of SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from hzclient.errors import HazelcastError
from hzclient.util import check_is_int, check_is_number, to_millis, try_to_get_enum_value


def check_is_str(value: object, what: str) -> None:
    """Raises `AssertionError` where the value is not a text."""
    if not isinstance(value, str):
        raise AssertionError(f"{what} must be a str, not {value!r}")


class SqlExpectedResultType:
    """What a statement is expected to give; anything else is an error."""

    ANY: Final = 0
    ROWS: Final = 1
    UPDATE_COUNT: Final = 2


class SqlColumnType:
    """The types of columns, and what their values are in Python."""

    VARCHAR: Final = 0
    """A `str`."""

    BOOLEAN: Final = 1
    """A `bool`."""

    TINYINT: Final = 2
    """An `int` of 8 bits."""

    SMALLINT: Final = 3
    """An `int` of 16 bits."""

    INTEGER: Final = 4
    """An `int` of 32 bits."""

    BIGINT: Final = 5
    """An `int` of 64 bits."""

    DECIMAL: Final = 6
    """A `decimal.Decimal`."""

    REAL: Final = 7
    """A `float` of single precision."""

    DOUBLE: Final = 8
    """A `float`."""

    DATE: Final = 9
    """A `datetime.date`."""

    TIME: Final = 10
    """A `datetime.time`; what is finer than a microsecond is cut off."""

    TIMESTAMP: Final = 11
    """A `datetime.datetime` without a time zone."""

    TIMESTAMP_WITH_TIME_ZONE: Final = 12
    """A `datetime.datetime` with a fixed offset from UTC."""

    OBJECT: Final = 13
    """Whatever the value deserializes to."""

    NULL: Final = 14
    """Always `None`."""

    JSON: Final = 15
    """A `HazelcastJsonValue`."""

    ROW: Final = 16
    """A row in a row, as a `str`."""


class SqlErrorCode:
    """What went wrong, as far as members tell it apart."""

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
    DATA_EXCEPTION: Final = 2000


class HazelcastSqlError(HazelcastError):
    """A statement failed.

    Args:
        originating_member_uuid: Who reports it: a member, or this client itself.
        code: One of `SqlErrorCode`.
        message: What happened.
        cause: The error behind it, if there is one.
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
        super().__init__(message, cause)
        self._originating_member_uuid = originating_member_uuid
        self._code = code
        self._suggestion = suggestion
        if isinstance(cause, BaseException):
            self.__cause__ = cause

    @property
    def originating_member_uuid(self) -> UUID:
        """Who reports the error: a member, or this client itself."""
        return self._originating_member_uuid

    @property
    def code(self) -> int:
        """One of `SqlErrorCode`."""
        return self._code

    @property
    def suggestion(self) -> str | None:
        """A statement that would help (a `CREATE MAPPING`, say), if the member knows one."""
        return self._suggestion


class SqlColumnMetadata:
    """Name and type of a column."""

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
        """Whether it may hold None."""
        return self._nullable

    def __repr__(self) -> str:
        return f"{self._name} {column_type_name(self._type)}"


class SqlRowMetadata:
    """The columns of a result."""

    COLUMN_NOT_FOUND: Final = -1
    """Where `find_column` finds no column."""

    __slots__ = ("_columns", "_indexes")

    def __init__(self, columns: list[SqlColumnMetadata]) -> None:
        self._columns = columns
        self._indexes = {column.name: index for index, column in enumerate(columns)}

    @property
    def columns(self) -> list[SqlColumnMetadata]:
        """The columns, in their order."""
        return self._columns

    @property
    def column_count(self) -> int:
        """The number of columns."""
        return len(self._columns)

    def get_column(self, index: int) -> SqlColumnMetadata:
        """The column at an index, from 0.

        Raises:
            IndexError: There is none.
        """
        return self._columns[index]

    def find_column(self, column_name: str) -> int:
        """The index of a column, from 0; `COLUMN_NOT_FOUND` where none has the name.

        Of columns of one name, the last counts.
        """
        check_is_str(column_name, "the name of a column")
        return self._indexes.get(column_name, self.COLUMN_NOT_FOUND)

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self._columns))}]"


_COLUMN_TYPE_NAMES: Final = {
    value: name for name, value in vars(SqlColumnType).items() if isinstance(value, int)
}


def column_type_name(column_type: int) -> str:
    """The name of a `SqlColumnType`."""
    return _COLUMN_TYPE_NAMES.get(column_type, "UNKNOWN")


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """A statement with all its options.

    Attributes:
        sql: The text, with a `?` for each parameter.
        params: The parameters, in the order of their `?`.
        cursor_buffer_size: Rows that a member sends at once.
        timeout: Seconds that the statement may take; 0 for no limit, -1 for what the members are
            configured to.
        expected_result_type: One of `SqlExpectedResultType`, or its name.
        schema: Where objects are looked for whose names tell no schema; None for the default.

    Raises:
        AssertionError: An option is of a wrong type.
        ValueError: An option has a wrong value.
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
        if self.timeout < 0 and self.timeout != -1:
            raise ValueError(f"a timeout must be -1, 0 or more seconds, not {self.timeout}")
        check_is_int(self.cursor_buffer_size, "a cursor buffer size must be an int")
        if self.cursor_buffer_size <= 0:
            raise ValueError(f"a cursor buffer size must be more than 0, not {self.cursor_buffer_size}")
        try_to_get_enum_value(self.expected_result_type, SqlExpectedResultType)

    @property
    def timeout_millis(self) -> int:
        """The timeout as members take it."""
        return -1 if self.timeout == -1 else to_millis(self.timeout)

    @property
    def expected_result(self) -> int:
        """The expected result type as members take it."""
        found: int = try_to_get_enum_value(self.expected_result_type, SqlExpectedResultType)
        return found
