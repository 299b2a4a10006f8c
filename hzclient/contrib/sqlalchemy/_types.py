# The types of SQLAlchemy name the parameters of hooks, and leave visitors untyped: these rules cannot hold.
# pyright: reportIncompatibleMethodOverride=false
"""Column types: how values travel in both directions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import types as sqltypes


class HazelcastNumeric(sqltypes.Numeric[Any]):
    """DECIMAL: members refuse a float for it, so numbers are sent as `Decimal`."""

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any] | None:
        """Return the conversion of parameters."""
        return _to_decimal


class HazelcastFloat(sqltypes.Float[Any]):
    """REAL or DOUBLE: numbers are sent as `float`."""

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any] | None:
        """Return the conversion of parameters."""
        return _to_float


class HazelcastDateTime(sqltypes.DateTime):
    """TIMESTAMP, or TIMESTAMP WITH TIME ZONE if `timezone` is true.

    The client sends every datetime with a time zone, and members refuse that for a TIMESTAMP. A naive
    datetime is sent as text, and the statement casts it.
    """

    @property
    def render_bind_cast(self) -> bool:
        """Whether a parameter of this type needs a cast in the statement."""
        return not self.timezone

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any] | None:
        """Return the conversion of parameters."""
        return None if self.timezone else _to_timestamp_text


class HazelcastDate(sqltypes.Date):
    """DATE: of a datetime, the date is sent."""

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any] | None:
        """Return the conversion of parameters."""
        return lambda value: value.date() if isinstance(value, datetime) else value


class HazelcastTime(sqltypes.Time):
    """TIME: of a datetime, the time of day is sent."""

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any] | None:
        """Return the conversion of parameters."""
        return lambda value: value.time() if isinstance(value, datetime) else value


class HazelcastJSON(sqltypes.JSON):
    """JSON: values are sent as text, and arrive as `HazelcastJsonValue`."""

    def result_processor(self, dialect: Any, coltype: Any) -> Callable[[Any], Any] | None:
        """Return the conversion of results."""
        parse = super().result_processor(dialect, coltype)
        return lambda value: None if value is None or parse is None else parse(str(value))


class _Path:
    """How the steps into a JSON value are written as a path."""

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any]:
        return _path

    def literal_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda value: "'" + _path(value).replace("'", "''") + "'"


class HazelcastJSONIndexType(_Path, sqltypes.JSON.JSONIndexType):
    """One step into a JSON value, as a path."""


class HazelcastJSONPathType(_Path, sqltypes.JSON.JSONPathType):
    """Several steps into a JSON value, as a path."""


def _to_decimal(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value


def _to_float(value: Any) -> Any:
    return float(value) if isinstance(value, int | Decimal) else value


def _to_timestamp_text(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is not None:
        raise ValueError(f"a TIMESTAMP has no time zone: use DateTime(timezone=True) for {value!r}")
    return value.isoformat(sep=" ")


def _path(value: Any) -> str:
    steps = (value,) if isinstance(value, int | str) else value
    return "$" + "".join(map(_step, steps))


def _step(step: int | str) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    # Members do not find the elements of an array whose name is in brackets.
    return f".{step}" if step.isascii() and step.isidentifier() else f'["{_escaped(step)}"]'


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


COLSPECS: dict[type[Any], type[Any]] = {
    sqltypes.Numeric: HazelcastNumeric,
    sqltypes.Float: HazelcastFloat,
    sqltypes.DateTime: HazelcastDateTime,
    sqltypes.Date: HazelcastDate,
    sqltypes.Time: HazelcastTime,
    sqltypes.JSON: HazelcastJSON,
    sqltypes.JSON.JSONIndexType: HazelcastJSONIndexType,
    sqltypes.JSON.JSONPathType: HazelcastJSONPathType,
}

REFLECTED: dict[str, Callable[[], Any]] = {
    "VARCHAR": sqltypes.VARCHAR,
    "BOOLEAN": sqltypes.BOOLEAN,
    "TINYINT": sqltypes.SMALLINT,
    "SMALLINT": sqltypes.SMALLINT,
    "INTEGER": sqltypes.INTEGER,
    "BIGINT": sqltypes.BIGINT,
    "DECIMAL": sqltypes.DECIMAL,
    "REAL": sqltypes.REAL,
    "DOUBLE": sqltypes.DOUBLE,
    "DATE": sqltypes.DATE,
    "TIME": sqltypes.TIME,
    "TIMESTAMP": sqltypes.TIMESTAMP,
    "TIMESTAMP_WITH_TIME_ZONE": lambda: sqltypes.TIMESTAMP(timezone=True),
    "TIMESTAMP WITH TIME ZONE": lambda: sqltypes.TIMESTAMP(timezone=True),
    "JSON": sqltypes.JSON,
}
"""Types of columns by the names that members report. All others reflect as `NullType`."""
