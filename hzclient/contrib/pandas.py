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

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import numpy
import pandas

from hzclient.client import HazelcastClient
from hzclient.contrib._frames import (
    Batch,
    Column,
    Field,
    Page,
    Progress,
    check_batch_size,
    check_keys,
    kind_of_values,
    map_pages,
    query_pages,
    unwritable,
    write_batches,
)
from hzclient.predicate import Predicate
from hzclient.proxy.map import BlockingMap
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


def write_map(
    frame: pandas.DataFrame,
    target: BlockingMap[Any, Any],
    *,
    key: str | None = None,
    type_name: str | None = None,
    batch_size: int = 10_000,
    progress: Progress | None = None,
) -> int:
    """Write each row of a data frame as an entry of a map; entries whose key exists are replaced.

    A value is a Compact record of the row. A missing value is None, and NaN in columns of floats.

    Args:
        frame: The data frame.
        target: The map, in the blocking face.
        key: Column with the keys; the index if left out.
        type_name: Compact type of the values; the name of the map if left out.
        batch_size: Number of rows that are written at once.
        progress: Called after each batch with the number of rows written so far.

    Returns:
        Number of rows.

    Raises:
        ValueError: If keys are missing or not unique, or if a column is of a type that a Compact record does
            not have.
    """
    check_batch_size(batch_size)
    keys = frame.index.to_series() if key is None else frame[key]
    what = "the index" if key is None else f"column {key!r}"
    check_keys(what, bool(keys.isna().any()), keys.is_unique)
    columns = frame if key is None else frame.drop(columns=key)
    series = [columns.iloc[:, place] for place in range(columns.shape[1])]
    fields = [
        Field(str(name), _kind_of(each, str(name)))
        for name, each in zip(columns.columns, series, strict=True)
    ]
    batches = (
        Batch(
            _plain(keys.iloc[start : start + batch_size]),
            [_plain(each.iloc[start : start + batch_size]) for each in series],
        )
        for start in range(0, len(frame), batch_size)
    )
    return write_batches(target, type_name, fields, batches, progress)


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


def iter_map(
    source: BlockingMap[Any, Any],
    *,
    key: str | None = None,
    predicate: Predicate | None = None,
    page_size: int = 10_000,
    progress: Progress | None = None,
) -> Iterator[pandas.DataFrame]:
    """Read a map page by page, so that memory stays bounded.

    Records, dicts, dataclasses and JSON objects give a column for each field; any other value gives the
    column `this`.

    Args:
        source: The map, in the blocking face.
        key: Name of the column with the keys; they are the index if it is left out.
        predicate: Only the entries that match it; not a paging predicate.
        page_size: Number of rows of a data frame.
        progress: Called after each page with the number of rows read so far.

    Returns:
        An iterator of data frames, one for each page; of none if there are no entries.

    Raises:
        ValueError: If `page_size` is less than 1.
    """
    pages = map_pages(source, predicate, page_size, progress)
    return (_frame(page, key, with_keys=True) for page in pages)


def _frame(page: Page, key: str | None = None, with_keys: bool = False) -> pandas.DataFrame:
    arrays = [_array(column) for column in page.columns]
    names = [column.name for column in page.columns]
    if with_keys and key is not None:
        arrays, names = [pandas.Series(page.keys).array, *arrays], [key, *names]
    index = pandas.Index(page.keys) if with_keys and key is None else range(page.rows)
    frame = pandas.DataFrame(dict(enumerate(arrays)), index=index, copy=False)
    frame.columns = pandas.Index(names)
    return frame


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


def read_map(
    source: BlockingMap[Any, Any],
    *,
    key: str | None = None,
    predicate: Predicate | None = None,
    page_size: int = 10_000,
    progress: Progress | None = None,
) -> pandas.DataFrame:
    """Read a map into one data frame.

    Args:
        source: As for `iter_map`.
        key: As for `iter_map`.
        predicate: As for `iter_map`.
        page_size: As for `iter_map`.
        progress: As for `iter_map`.

    Returns:
        The data frame; its rows are in no particular order.
    """
    pages = iter_map(source, key=key, predicate=predicate, page_size=page_size, progress=progress)
    return _joined(pages, ignore_index=key is not None)


def iter_query(
    client: HazelcastClient,
    sql: str,
    *parameters: Any,
    page_size: int = 10_000,
    progress: Progress | None = None,
) -> Iterator[pandas.DataFrame]:
    """Read the result of a query page by page, so that memory stays bounded.

    Args:
        client: The client.
        sql: The query, with a `?` for each parameter.
        *parameters: Values of the parameters.
        page_size: Number of rows of a data frame.
        progress: Called after each page with the number of rows read so far.

    Returns:
        An iterator of data frames, one for each page; of one without rows if there are none.

    Raises:
        ValueError: If `page_size` is less than 1, or if the statement is not a query.
    """
    return map(_frame, query_pages(client, sql, parameters, page_size, progress))


def read_query(
    client: HazelcastClient,
    sql: str,
    *parameters: Any,
    page_size: int = 10_000,
    progress: Progress | None = None,
) -> pandas.DataFrame:
    """Read the result of a query into one data frame.

    Args:
        client: As for `iter_query`.
        sql: As for `iter_query`.
        *parameters: As for `iter_query`.
        page_size: As for `iter_query`.
        progress: As for `iter_query`.

    Returns:
        The data frame.
    """
    pages = iter_query(client, sql, *parameters, page_size=page_size, progress=progress)
    return _joined(pages, ignore_index=True)


def _joined(pages: Iterable[pandas.DataFrame], ignore_index: bool) -> pandas.DataFrame:
    frames = list(pages)
    return pandas.concat(frames, ignore_index=ignore_index) if frames else pandas.DataFrame()
