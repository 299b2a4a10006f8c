# pandas has no types of its own: these rules cannot hold here.
# pyright: reportGeneralTypeIssues=false
# pyright: reportInvalidTypeArguments=false
# pyright: reportMissingTypeStubs=false
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""Maps and queries as data frames of pandas, and data frames into maps.

    write_map(frame, client.get_map("people").blocking(), key="id")
    frame = read_map(client.get_map("people").blocking(), key="id")
    for page in iter_query(client, "SELECT * FROM people", page_size=50_000): ...

Each row is a Compact record, so types are kept, and members and other languages can read and query it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy
import pandas

from hzclient.contrib._frames import (
    Batch,
    Column,
    Field,
    Frames,
    Progress,
    Rows,
    check_keys,
    kind_of_values,
    unwritable,
)
from hzclient.serialization.api import FieldKind

__all__ = ("Progress", "iter_map", "iter_query", "read_map", "read_query", "write_map")

_KINDS: Final = {
    "bool": FieldKind.BOOLEAN,
    "boolean": FieldKind.NULLABLE_BOOLEAN,
    "int8": FieldKind.INT8,
    "Int8": FieldKind.NULLABLE_INT8,
    "int16": FieldKind.INT16,
    "Int16": FieldKind.NULLABLE_INT16,
    "int32": FieldKind.INT32,
    "Int32": FieldKind.NULLABLE_INT32,
    "int64": FieldKind.INT64,
    "Int64": FieldKind.NULLABLE_INT64,
    "float32": FieldKind.FLOAT32,
    "Float32": FieldKind.NULLABLE_FLOAT32,
    "float64": FieldKind.FLOAT64,
    "Float64": FieldKind.NULLABLE_FLOAT64,
}
"""Kinds of fields by the names of dtypes, in both directions."""

_DTYPES: Final[dict[FieldKind | None, str]] = {
    **{kind: dtype for dtype, kind in _KINDS.items()},
    FieldKind.TIMESTAMP: "datetime64[us]",
    FieldKind.TIMESTAMP_WITH_TIMEZONE: "datetime64[us, UTC]",
    FieldKind.STRING: "str",
}

_MASKED: Final[dict[FieldKind | None, Callable[..., Any]]] = {
    FieldKind.NULLABLE_BOOLEAN: pandas.arrays.BooleanArray,
    **{_KINDS[name]: pandas.arrays.IntegerArray for name in ("Int8", "Int16", "Int32", "Int64")},
    **{_KINDS[name]: pandas.arrays.FloatingArray for name in ("Float32", "Float64")},
}
"""Arrays whose missing values are in a mask."""


class _PandasFrames(Frames[pandas.DataFrame]):
    """Data frames of pandas."""

    default_key = None

    def build(self, columns: list[Column], rows: int, index: list[Any] | None) -> pandas.DataFrame:
        """Return a data frame."""
        labels = range(rows) if index is None else pandas.Index(index)
        arrays = dict(enumerate(map(_array, columns)))
        frame = pandas.DataFrame(arrays, index=labels, copy=False)
        frame.columns = pandas.Index([column.name for column in columns])
        return frame

    def join(self, frames: list[pandas.DataFrame], indexed: bool) -> pandas.DataFrame:
        """Return the rows of data frames in one."""
        return pandas.concat(frames, ignore_index=not indexed) if frames else pandas.DataFrame()

    def rows_of(self, frame: pandas.DataFrame, key: str | None) -> Rows:
        """Return what is to be written of a data frame."""
        keys = frame.index.to_series() if key is None else frame[key]
        what = "the index" if key is None else f"column {key!r}"
        check_keys(what, bool(keys.isna().any()), keys.is_unique)
        columns = frame if key is None else frame.drop(columns=key)
        series = [columns.iloc[:, place] for place in range(columns.shape[1])]
        fields = [
            Field(str(name), _kind_of(each, str(name)))
            for name, each in zip(columns.columns, series, strict=True)
        ]

        def batch(start: int, stop: int) -> Batch:
            return Batch(_plain(keys.iloc[start:stop]), [_plain(each.iloc[start:stop]) for each in series])

        return Rows(len(frame), fields, batch)


def _kind_of(column: pandas.Series[Any], name: str) -> FieldKind:
    kind = _KINDS.get(str(column.dtype))
    if kind is not None:
        return kind
    if isinstance(column.dtype, pandas.DatetimeTZDtype):
        return FieldKind.TIMESTAMP_WITH_TIMEZONE
    if pandas.api.types.is_datetime64_any_dtype(column.dtype):
        return FieldKind.TIMESTAMP
    if isinstance(column.dtype, pandas.StringDtype):
        return FieldKind.STRING
    kind = kind_of_values(column.dropna().tolist()) if column.dtype == object else None
    if kind is None:
        raise unwritable(name, column.dtype, "astype(), for example to int64 or str")
    return kind


def _plain(column: pandas.Series[Any]) -> list[Any]:
    """Return values of Python's own types, with None for missing ones except NaN in columns of floats."""
    if str(column.dtype) in ("float32", "float64"):
        return list(column.tolist())
    if pandas.api.types.is_datetime64_any_dtype(column.dtype):
        return [None if value is pandas.NaT else value.to_pydatetime() for value in column.tolist()]
    if column.hasnans:
        return [
            None if missing else value for value, missing in zip(column.tolist(), column.isna(), strict=True)
        ]
    return list(column.tolist())


def _array(column: Column) -> Any:
    values, present, dtype = column.values, column.present, _DTYPES.get(column.kind)
    if isinstance(values, list):
        return _array_of_objects(values, dtype)
    masked = _MASKED.get(column.kind)
    if masked is not None:
        return masked(values, numpy.zeros(len(values), bool) if present is None else ~present)
    if present is not None:  # of timestamps: only these are missing otherwise
        values[~present] = "NaT"
    if column.kind == FieldKind.TIMESTAMP_WITH_TIMEZONE:
        return pandas.DatetimeIndex(values).tz_localize("UTC")
    return values


def _array_of_objects(values: list[Any], dtype: str | None) -> Any:
    if dtype is None:
        return pandas.Series(values).array
    if dtype.endswith("UTC]"):
        return pandas.Series(pandas.to_datetime(values, utc=True)).astype(dtype).array
    return pandas.Series(values, dtype=dtype).array


_frames = _PandasFrames()
write_map = _frames.write_map
iter_map = _frames.iter_map
read_map = _frames.read_map
iter_query = _frames.iter_query
read_query = _frames.read_query
