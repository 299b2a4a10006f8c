"""Maps and queries as data frames of polars, and data frames into maps.

    write_map(frame, client.get_map("people").blocking(), key="id")
    frame = read_map(client.get_map("people").blocking(), key="id")
    for page in iter_query(client, "SELECT * FROM people", page_size=50_000): ...

Each row is a Compact record, so types are kept, and members and other languages can read and query it.
"""

from __future__ import annotations

from typing import Any, Final

import polars
from polars.datatypes import DataType, DataTypeClass

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

_KINDS: Final[dict[DataType | DataTypeClass, FieldKind]] = {
    polars.Boolean: FieldKind.NULLABLE_BOOLEAN,
    polars.Int8: FieldKind.NULLABLE_INT8,
    polars.Int16: FieldKind.NULLABLE_INT16,
    polars.Int32: FieldKind.NULLABLE_INT32,
    polars.Int64: FieldKind.NULLABLE_INT64,
    polars.Float32: FieldKind.NULLABLE_FLOAT32,
    polars.Float64: FieldKind.NULLABLE_FLOAT64,
    polars.String: FieldKind.STRING,
    polars.Categorical: FieldKind.STRING,
    polars.Enum: FieldKind.STRING,
    polars.Null: FieldKind.STRING,
    polars.Decimal: FieldKind.DECIMAL,
    polars.Date: FieldKind.DATE,
    polars.Time: FieldKind.TIME,
}
"""Kinds of fields by the class of a type. Every column may hold null."""

_DTYPES: Final[dict[FieldKind | None, DataType]] = {
    FieldKind.BOOLEAN: polars.Boolean(),
    FieldKind.INT8: polars.Int8(),
    FieldKind.INT16: polars.Int16(),
    FieldKind.INT32: polars.Int32(),
    FieldKind.INT64: polars.Int64(),
    FieldKind.FLOAT32: polars.Float32(),
    FieldKind.FLOAT64: polars.Float64(),
    FieldKind.NULLABLE_BOOLEAN: polars.Boolean(),
    FieldKind.NULLABLE_INT8: polars.Int8(),
    FieldKind.NULLABLE_INT16: polars.Int16(),
    FieldKind.NULLABLE_INT32: polars.Int32(),
    FieldKind.NULLABLE_INT64: polars.Int64(),
    FieldKind.NULLABLE_FLOAT32: polars.Float32(),
    FieldKind.NULLABLE_FLOAT64: polars.Float64(),
    FieldKind.STRING: polars.String(),
    FieldKind.DATE: polars.Date(),
    FieldKind.TIME: polars.Time(),
    FieldKind.TIMESTAMP: polars.Datetime("us"),
    FieldKind.TIMESTAMP_WITH_TIMEZONE: polars.Datetime("us", "UTC"),
}


class _PolarsFrames(Frames[polars.DataFrame]):
    """Data frames of polars."""

    def build(self, columns: list[Column], rows: int, index: list[Any] | None) -> polars.DataFrame:
        """Return a data frame."""
        return polars.DataFrame(list(map(_series, columns)))

    def join(self, frames: list[polars.DataFrame], indexed: bool) -> polars.DataFrame:
        """Return the rows of data frames in one."""
        return polars.concat(frames, how="diagonal_relaxed") if frames else polars.DataFrame()

    def rows_of(self, frame: polars.DataFrame, key: str | None) -> Rows:
        """Return what is to be written of a data frame."""
        keys = frame.get_column(key or "")
        check_keys(f"column {key!r}", keys.null_count() > 0, keys.n_unique() == len(keys))
        series = [column for column in frame.get_columns() if column.name != key]
        fields = [Field(column.name, _kind_of(column)) for column in series]

        def batch(start: int, stop: int) -> Batch:
            return Batch(keys[start:stop].to_list(), [column[start:stop].to_list() for column in series])

        return Rows(len(frame), fields, batch)


def _kind_of(column: polars.Series) -> FieldKind:
    dtype = column.dtype
    if isinstance(dtype, polars.Datetime):
        return FieldKind.TIMESTAMP if dtype.time_zone is None else FieldKind.TIMESTAMP_WITH_TIMEZONE
    kind = _KINDS.get(dtype.base_type())
    if kind is None:
        raise unwritable(column.name, dtype, "cast(), for example to Int64 or String")
    return kind


def _series(column: Column) -> polars.Series:
    name, values, present = column.name, column.values, column.present
    if isinstance(values, list):
        return _series_of_objects(column)
    series = polars.Series(name, values)
    if present is not None:
        series = polars.select(polars.when(polars.Series(present)).then(series).alias(name)).to_series()
    if column.kind == FieldKind.TIMESTAMP_WITH_TIMEZONE:
        series = series.dt.replace_time_zone("UTC")
    return series


def _series_of_objects(column: Column) -> polars.Series:
    values: list[Any] = column.values
    try:
        return polars.Series(column.name, without_json(values), dtype=_DTYPES.get(column.kind))
    except (TypeError, OverflowError, polars.exceptions.PolarsError) as error:
        raise unreadable(column.name, values, "polars") from error


_frames = _PolarsFrames()
write_map = _frames.write_map
iter_map = _frames.iter_map
read_map = _frames.read_map
iter_query = _frames.iter_query
read_query = _frames.read_query
