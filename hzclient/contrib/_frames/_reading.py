"""Maps and results of queries as pages of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, TypeAlias, cast

from hzclient.client import HazelcastClient
from hzclient.core import HazelcastJsonValue
from hzclient.predicate import Predicate
from hzclient.proxy.map import BlockingMap
from hzclient.proxy.pages import EntryPage, iterate_pages
from hzclient.serialization.api import FieldKind
from hzclient.serialization.columns import Column
from hzclient.serialization.generic_record import GenericRecord
from hzclient.sql import SqlColumnType
from hzclient.sql.pages import iterate_columns

Progress: TypeAlias = Callable[[int], object]
"""Function that is called after each page or batch, with the number of rows so far."""

_SQL_KINDS: Final[dict[int, FieldKind]] = {
    SqlColumnType.BOOLEAN: FieldKind.NULLABLE_BOOLEAN,
    SqlColumnType.TINYINT: FieldKind.NULLABLE_INT8,
    SqlColumnType.SMALLINT: FieldKind.NULLABLE_INT16,
    SqlColumnType.INTEGER: FieldKind.NULLABLE_INT32,
    SqlColumnType.BIGINT: FieldKind.NULLABLE_INT64,
    SqlColumnType.REAL: FieldKind.FLOAT32,
    SqlColumnType.DOUBLE: FieldKind.FLOAT64,
    SqlColumnType.DECIMAL: FieldKind.DECIMAL,
    SqlColumnType.DATE: FieldKind.DATE,
    SqlColumnType.TIME: FieldKind.TIME,
    SqlColumnType.TIMESTAMP: FieldKind.TIMESTAMP,
    SqlColumnType.TIMESTAMP_WITH_TIME_ZONE: FieldKind.TIMESTAMP_WITH_TIMEZONE,
    SqlColumnType.VARCHAR: FieldKind.STRING,
}
"""Any column of a query may hold NULL, which integers and booleans must therefore allow."""


_NULLABLE: Final = {
    kind: FieldKind[f"NULLABLE_{kind.name}"]
    for kind in FieldKind
    if f"NULLABLE_{kind.name}" in FieldKind.__members__
}
"""Kinds for fields that some of the records do not have."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows.

    Attributes:
        keys: Keys of the entries; empty for rows of a query.
        columns: Columns of equal length.
        rows: Number of rows.
    """

    keys: list[Any]
    columns: list[Column]
    rows: int


def map_pages(
    source: BlockingMap[Any, Any], predicate: Predicate | None, page_size: int, progress: Progress | None
) -> Iterator[Page]:
    """Read a map page by page. At most two pages, and 32 responses of 500 entries, are held at once.

    Args:
        source: The map.
        predicate: Only the entries that match it; not a paging predicate.
        page_size: Number of rows of a page.
        progress: Called after each page with the number of rows read so far.

    Returns:
        An iterator of pages; of none if there are no entries.

    Raises:
        ValueError: If `page_size` is less than 1.
    """
    _check_page_size(page_size)
    return _reported(map(_page_of, iterate_pages(source, predicate, page_size)), progress)


def query_pages(
    client: HazelcastClient, sql: str, parameters: Sequence[Any], page_size: int, progress: Progress | None
) -> Iterator[Page]:
    """Read the result of a query page by page.

    Args:
        client: The client.
        sql: The query.
        parameters: Values of its parameters.
        page_size: Number of rows of a page.
        progress: Called after each page with the number of rows read so far.

    Returns:
        An iterator of pages; of one without rows if there are none.

    Raises:
        ValueError: If `page_size` is less than 1, or if the statement is not a query.
    """
    _check_page_size(page_size)
    return _reported(_query_pages(client, sql, parameters, page_size), progress)


def _check_page_size(page_size: int) -> None:
    if page_size < 1:
        raise ValueError(f"page_size must be at least 1, not {page_size}")


def _reported(pages: Iterator[Page], progress: Progress | None) -> Iterator[Page]:
    count = 0
    for page in pages:
        count += page.rows
        yield page
        if progress is not None and page.rows:
            progress(count)


def _query_pages(
    client: HazelcastClient, sql: str, parameters: Sequence[Any], page_size: int
) -> Iterator[Page]:
    result = client.sql.execute(sql, *parameters, cursor_buffer_size=min(page_size, 10_000)).result()
    with result:
        if not result.is_row_set():
            raise ValueError("the statement returns no rows: use client.sql.execute() for it")
        described = [
            (column.name, _SQL_KINDS.get(column.type)) for column in result.get_row_metadata().columns
        ]
        waiting: list[list[Any]] = [[] for _ in described]
        count = 0
        for arrived in iterate_columns(result):
            for values, more in zip(waiting, arrived, strict=True):
                values += more
            while len(waiting[0]) >= page_size:
                yield _query_page(described, [values[:page_size] for values in waiting])
                waiting = [values[page_size:] for values in waiting]
                count += 1
        if waiting[0] or not count:
            yield _query_page(described, waiting)


def _query_page(described: list[tuple[str, FieldKind | None]], values: list[list[Any]]) -> Page:
    columns = [Column(*each, found) for each, found in zip(described, values, strict=True)]
    return Page([], columns, len(values[0]))


def _page_of(page: EntryPage) -> Page:
    columns = page.columns
    return Page(page.keys, _columns_of(page.values) if columns is None else columns, len(page.keys))


def _columns_of(values: list[Any]) -> list[Column]:
    rows = [_fields(value) for value in values]
    names = dict.fromkeys(name for row in rows for name in row)
    return [Column(name, _common_kind(values, name), [row.get(name) for row in rows]) for name in names]


def _common_kind(values: list[Any], name: str) -> FieldKind | None:
    """Return the kind of a field; None if it is not of one kind, or if the values are no compact records."""
    kinds = {
        value.kinds.get(name) if isinstance(value, GenericRecord) else NotImplemented for value in values
    }
    missing = None in kinds
    kinds.discard(None)
    kind = kinds.pop() if len(kinds) == 1 else None
    if not isinstance(kind, FieldKind):
        return None
    return _NULLABLE.get(kind, kind) if missing else kind


def _fields(value: Any) -> Mapping[str, Any]:
    if isinstance(value, HazelcastJsonValue):
        value = value.loads()
    if isinstance(value, Mapping):
        return cast(Mapping[str, Any], value)
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return {"this": value}
