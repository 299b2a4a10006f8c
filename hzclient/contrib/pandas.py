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

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import pandas

from hzclient.client import HazelcastClient
from hzclient.core import HazelcastJsonValue
from hzclient.predicate import Predicate
from hzclient.proxy.map import BlockingMap
from hzclient.serialization.api import FieldKind
from hzclient.serialization.generic_record import GenericRecord, compact_record
from hzclient.sql import SqlColumnType

__all__ = ("Progress", "iter_map", "iter_query", "read_map", "read_query", "write_map")

Progress = Callable[[int], object]
"""Function that is called after each page or batch, with the number of rows so far."""

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

_DTYPES: Final[dict[int, str]] = {
    **{int(kind): dtype for dtype, kind in _KINDS.items()},
    FieldKind.TIMESTAMP: "datetime64[us]",
    FieldKind.TIMESTAMP_WITH_TIMEZONE: "datetime64[us, UTC]",
    FieldKind.STRING: "str",
}

_VALUE_KINDS: Final[tuple[tuple[type, FieldKind], ...]] = (
    (str, FieldKind.STRING),
    (Decimal, FieldKind.DECIMAL),
    (datetime, FieldKind.TIMESTAMP),
    (date, FieldKind.DATE),
    (time, FieldKind.TIME),
)
"""Kinds of fields by the type of values, for columns of objects. A datetime is a date, so it comes first."""

_SQL_DTYPES: Final[dict[int, str]] = {
    SqlColumnType.BOOLEAN: "boolean",
    SqlColumnType.TINYINT: "Int8",
    SqlColumnType.SMALLINT: "Int16",
    SqlColumnType.INTEGER: "Int32",
    SqlColumnType.BIGINT: "Int64",
    SqlColumnType.REAL: "float32",
    SqlColumnType.DOUBLE: "float64",
    SqlColumnType.TIMESTAMP: "datetime64[us]",
    SqlColumnType.TIMESTAMP_WITH_TIME_ZONE: "datetime64[us, UTC]",
    SqlColumnType.VARCHAR: "str",
}
"""Any column of a query may hold NULL, so integers and booleans get the dtypes that know missing values."""


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
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    keys = frame.index.to_series() if key is None else frame[key]
    what = "the index" if key is None else f"column {key!r}"
    if keys.isna().any() or not keys.is_unique:
        raise ValueError(f"{what} cannot be the key: its values must be unique, and none may be missing")
    columns = frame if key is None else frame.drop(columns=key)
    names = [str(name) for name in columns.columns]
    kinds = [_kind_of(columns.iloc[:, place], name) for place, name in enumerate(names)]
    empty = {name: (kind, None) for name, kind in zip(names, kinds, strict=True)}
    template = compact_record(type_name or target.name, empty)
    for start in range(0, len(frame), batch_size):
        part = columns.iloc[start : start + batch_size]
        values = zip(*(_plain(part.iloc[:, place]) for place in range(len(names))), strict=True)
        rows = values if names else iter([()] * len(part))
        records = (template.replace(dict(zip(names, row, strict=True))) for row in rows)
        target.put_all(dict(zip(_plain(keys.iloc[start : start + batch_size]), records, strict=True)))
        if progress is not None:
            progress(start + len(part))
    return len(frame)


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
    present = column.dropna()
    values = present.tolist() if column.dtype == object else []
    for type_, value_kind in _VALUE_KINDS:
        if values and all(isinstance(value, type_) for value in values):
            return value_kind
    if column.dtype == object and not values:
        return FieldKind.STRING
    raise ValueError(
        f"column {name!r} of {column.dtype} has no Compact type: use astype(), for example to int64 or str"
    )


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

    Yields:
        A data frame for each page; none if there are no entries.

    Raises:
        ValueError: If `page_size` is less than 1.
    """
    if page_size < 1:
        raise ValueError(f"page_size must be at least 1, not {page_size}")
    entries, count = iter(source.entries(predicate)), 0
    while page := list(islice(entries, page_size)):
        count += len(page)
        yield _entries_frame(page, key)
        if progress is not None:
            progress(count)


def _entries_frame(page: list[tuple[Any, Any]], key: str | None) -> pandas.DataFrame:
    keys, values = zip(*page, strict=True)
    rows = [_fields(value) for value in values]
    names = dict.fromkeys(name for row in rows for name in row)
    kinds: Mapping[str, int] = values[0].kinds if isinstance(values[0], GenericRecord) else {}
    frame = pandas.DataFrame(
        {name: _series([row.get(name) for row in rows], _DTYPES.get(kinds.get(name, -1))) for name in names},
        index=range(len(rows)),
    )
    if key is None:
        frame.index = pandas.Index(keys)
    else:
        frame.insert(0, key, list(keys))
    return frame


def _fields(value: Any) -> Mapping[str, Any]:
    if isinstance(value, HazelcastJsonValue):
        value = value.loads()
    if isinstance(value, Mapping):
        return value
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return {"this": value}


def _series(values: list[Any], dtype: str | None) -> pandas.Series[Any]:
    if dtype is None:
        return pandas.Series(values)
    if dtype.endswith("UTC]"):
        return pandas.Series(pandas.to_datetime(values, utc=True)).astype(dtype)
    return pandas.Series(values, dtype=dtype)


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

    Yields:
        A data frame for each page; one without rows if there are none.

    Raises:
        ValueError: If `page_size` is less than 1, or if the statement is not a query.
    """
    if page_size < 1:
        raise ValueError(f"page_size must be at least 1, not {page_size}")
    result = client.sql.execute(sql, *parameters, cursor_buffer_size=min(page_size, 10_000)).result()
    with result:
        if not result.is_row_set():
            raise ValueError("the statement returns no rows: use client.sql.execute() for it")
        columns = result.get_row_metadata().columns
        rows, count = iter(result), 0
        while True:
            page = [tuple(row) for row in islice(rows, page_size)]
            if not page and count:
                return
            values = list(zip(*page, strict=True)) or [()] * len(columns)
            series = [
                _series(list(each), _SQL_DTYPES.get(column.type))
                for column, each in zip(columns, values, strict=True)
            ]
            frame = pandas.concat(series, axis=1)
            frame.columns = pandas.Index([column.name for column in columns])
            yield frame
            count += len(page)
            if progress is not None:
                progress(count)
            if len(page) < page_size:
                return


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
