# pyarrow has no types of its own: these rules cannot hold here.
# pyright: reportAttributeAccessIssue=false
# pyright: reportMissingTypeStubs=false
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
"""Maps and queries as Arrow tables, and tables into maps.

    write_map(table, client.get_map("people").blocking(), key="id")
    table = read_map(client.get_map("people").blocking(), key="id")
    for page in iter_query(client, "SELECT * FROM people", page_size=50_000): ...

Each row is a Compact record, so types are kept, and members and other languages can read and query it.
"""

from __future__ import annotations

from typing import Any, Final

import pyarrow
import pyarrow.compute

from hzclient.contrib._frames import (
    Batch,
    Column,
    Field,
    Frames,
    Progress,
    Rows,
    check_keys,
    unreadable,
    unwritable,
    without_json,
)
from hzclient.serialization.api import FieldKind

__all__ = ("Progress", "iter_map", "iter_query", "read_map", "read_query", "write_map")

_PRIMITIVES: Final[dict[Any, tuple[FieldKind, FieldKind]]] = {
    pyarrow.bool_(): (FieldKind.BOOLEAN, FieldKind.NULLABLE_BOOLEAN),
    pyarrow.int8(): (FieldKind.INT8, FieldKind.NULLABLE_INT8),
    pyarrow.int16(): (FieldKind.INT16, FieldKind.NULLABLE_INT16),
    pyarrow.int32(): (FieldKind.INT32, FieldKind.NULLABLE_INT32),
    pyarrow.int64(): (FieldKind.INT64, FieldKind.NULLABLE_INT64),
    pyarrow.float32(): (FieldKind.FLOAT32, FieldKind.NULLABLE_FLOAT32),
    pyarrow.float64(): (FieldKind.FLOAT64, FieldKind.NULLABLE_FLOAT64),
}
"""Kinds of fields by type: for fields that must not be null, and for those that may."""

_TYPES: Final[dict[FieldKind | None, Any]] = {
    **{kind: type_ for type_, kinds in _PRIMITIVES.items() for kind in kinds},
    FieldKind.STRING: pyarrow.string(),
    FieldKind.DATE: pyarrow.date32(),
    FieldKind.TIME: pyarrow.time64("us"),
    FieldKind.TIMESTAMP: pyarrow.timestamp("us"),
    FieldKind.TIMESTAMP_WITH_TIMEZONE: pyarrow.timestamp("us", "UTC"),
}


class _ArrowFrames(Frames[pyarrow.Table]):
    """Arrow tables."""

    def build(self, columns: list[Column], rows: int, index: list[Any] | None) -> pyarrow.Table:
        """Return a table."""
        names = [column.name for column in columns]
        return pyarrow.Table.from_arrays(list(map(_array, columns)), names=names)

    def join(self, frames: list[pyarrow.Table], indexed: bool) -> pyarrow.Table:
        """Return the rows of tables in one."""
        return pyarrow.concat_tables(frames, promote_options="permissive") if frames else pyarrow.table({})

    def rows_of(self, frame: pyarrow.Table, key: str | None) -> Rows:
        """Return what is to be written of a table."""
        keys = frame.column(key)
        unique = pyarrow.compute.count_distinct(keys, mode="all").as_py() == len(keys)
        check_keys(f"column {key!r}", keys.null_count > 0, unique)
        described = [field for field in frame.schema if field.name != key]
        fields = [Field(field.name, _kind_of(field)) for field in described]
        columns = [_in_microseconds(frame.column(field.name)) for field in described]

        def batch(start: int, stop: int) -> Batch:
            parts = (column.slice(start, stop - start).to_pylist() for column in columns)
            return Batch(keys.slice(start, stop - start).to_pylist(), list(parts))

        return Rows(frame.num_rows, fields, batch)


def _kind_of(field: Any) -> FieldKind:
    types, type_ = pyarrow.types, field.type
    if type_ in _PRIMITIVES:
        return _PRIMITIVES[type_][field.nullable]
    if types.is_timestamp(type_):
        return FieldKind.TIMESTAMP if type_.tz is None else FieldKind.TIMESTAMP_WITH_TIMEZONE
    if types.is_dictionary(type_):
        type_ = type_.value_type
    for is_one, kind in _PREDICATES:
        if is_one(type_):
            return kind
    raise unwritable(field.name, field.type, "cast(), for example to int64 or string")


_PREDICATES: Final[tuple[tuple[Any, FieldKind], ...]] = (
    (pyarrow.types.is_string, FieldKind.STRING),
    (pyarrow.types.is_large_string, FieldKind.STRING),
    (pyarrow.types.is_string_view, FieldKind.STRING),
    (pyarrow.types.is_null, FieldKind.STRING),
    (pyarrow.types.is_decimal, FieldKind.DECIMAL),
    (pyarrow.types.is_date, FieldKind.DATE),
    (pyarrow.types.is_time, FieldKind.TIME),
)


def _in_microseconds(column: Any) -> Any:
    """Return a column without nanoseconds, which Python's types do not have."""
    type_ = column.type
    if pyarrow.types.is_timestamp(type_):
        return column.cast(pyarrow.timestamp("us", type_.tz), safe=False)
    if pyarrow.types.is_time(type_):
        return column.cast(pyarrow.time64("us"), safe=False)
    return column


def _array(column: Column) -> Any:
    values, type_ = column.values, _TYPES.get(column.kind)
    if not isinstance(values, list):
        return pyarrow.array(values, type=type_, mask=None if column.present is None else ~column.present)
    try:
        return pyarrow.array(without_json(values), type=type_)
    except (pyarrow.ArrowException, TypeError, OverflowError) as error:
        raise unreadable(column.name, values, "Arrow") from error


_frames = _ArrowFrames()
write_map = _frames.write_map
iter_map = _frames.iter_map
read_map = _frames.read_map
iter_query = _frames.iter_query
read_query = _frames.read_query
