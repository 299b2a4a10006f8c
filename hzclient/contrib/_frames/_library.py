"""The functions of each library of data frames, written once."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from hzclient.client import HazelcastClient
from hzclient.contrib._frames._reading import Page, Progress, map_pages, query_pages
from hzclient.contrib._frames._writing import Batch, Field, write_batches
from hzclient.core import HazelcastJsonValue
from hzclient.predicate import Predicate
from hzclient.proxy.map import BlockingMap
from hzclient.serialization.columns import Column

Frame = TypeVar("Frame")


class Rows(NamedTuple):
    """What is written of a data frame.

    Attributes:
        total: Number of rows.
        fields: Fields of the values.
        batch: Returns the rows from one index to another.
    """

    total: int
    fields: list[Field]
    batch: Callable[[int, int], Batch]


class Frames(abc.ABC, Generic[Frame]):
    """Data frames of a library, from maps and queries, and into maps.

    Attributes:
        default_key: Column of the keys if the caller names none; None if the keys are an index then.
    """

    default_key: ClassVar[str | None] = "__key"

    @abc.abstractmethod
    def build(self, columns: list[Column], rows: int, index: list[Any] | None) -> Frame:
        """Return a data frame.

        Args:
            columns: The columns.
            rows: Number of rows.
            index: Labels of the rows; None if they have none.

        Returns:
            The data frame.
        """

    @abc.abstractmethod
    def join(self, frames: list[Frame], indexed: bool) -> Frame:
        """Return the rows of data frames in one.

        Args:
            frames: The data frames, which may be none.
            indexed: Whether the labels of rows must be kept.

        Returns:
            The data frame.
        """

    @abc.abstractmethod
    def rows_of(self, frame: Frame, key: str | None) -> Rows:
        """Return what is to be written of a data frame.

        Args:
            frame: The data frame.
            key: Column of the keys; None for the index.

        Returns:
            The rows.

        Raises:
            ValueError: If keys are missing or not unique, or if a column is of a type that a Compact record
                does not have.
        """

    def write_map(
        self,
        frame: Frame,
        target: BlockingMap[Any, Any],
        *,
        key: str | None = None,
        type_name: str | None = None,
        batch_size: int = 10_000,
        progress: Progress | None = None,
    ) -> int:
        """Write each row of a data frame as an entry of a map; entries whose key exists are replaced.

        A value is a Compact record of the row, without the column of the key. A missing value is None.

        Args:
            frame: The data frame.
            target: The map, in the blocking face.
            key: Column with the keys. If it is left out: the index in pandas, and the column `__key` in
                polars and pyarrow.
            type_name: Compact type of the values; the name of the map if left out.
            batch_size: Number of rows that are written at once.
            progress: Called after each batch with the number of rows written so far.

        Returns:
            Number of rows.

        Raises:
            ValueError: If keys are missing or not unique, or if a column is of a type that a Compact record
                does not have. Nothing is written then.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        rows = self.rows_of(frame, self._key(key))
        starts = range(0, rows.total, batch_size)
        batches = (rows.batch(start, start + batch_size) for start in starts)
        return write_batches(target, type_name, rows.fields, batches, progress)

    def iter_map(
        self,
        source: BlockingMap[Any, Any],
        *,
        key: str | None = None,
        predicate: Predicate | None = None,
        page_size: int = 10_000,
        progress: Progress | None = None,
    ) -> Iterator[Frame]:
        """Read a map page by page, so that memory stays bounded.

        Records, dicts, dataclasses and JSON objects give a column for each field; any other value gives the
        column `this`.

        Args:
            source: The map, in the blocking face.
            key: Name of the column with the keys. If it is left out, the keys are the index in pandas, and
                the column `__key` in polars and pyarrow.
            predicate: Only the entries that match it; not a paging predicate.
            page_size: Number of rows of a data frame.
            progress: Called after each page with the number of rows read so far.

        Returns:
            An iterator of data frames, one for each page; of none if there are no entries.

        Raises:
            ValueError: If `page_size` is less than 1.
        """
        pages = map_pages(source, predicate, page_size, progress)
        return (self._frame(page, self._key(key)) for page in pages)

    def read_map(
        self,
        source: BlockingMap[Any, Any],
        *,
        key: str | None = None,
        predicate: Predicate | None = None,
        page_size: int = 10_000,
        progress: Progress | None = None,
    ) -> Frame:
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
        pages = self.iter_map(source, key=key, predicate=predicate, page_size=page_size, progress=progress)
        return self.join(list(pages), indexed=self._key(key) is None)

    def iter_query(
        self,
        client: HazelcastClient,
        sql: str,
        *parameters: Any,
        page_size: int = 10_000,
        progress: Progress | None = None,
    ) -> Iterator[Frame]:
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
        pages = query_pages(client, sql, parameters, page_size, progress)
        return (self.build(page.columns, page.rows, None) for page in pages)

    def read_query(
        self,
        client: HazelcastClient,
        sql: str,
        *parameters: Any,
        page_size: int = 10_000,
        progress: Progress | None = None,
    ) -> Frame:
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
        pages = self.iter_query(client, sql, *parameters, page_size=page_size, progress=progress)
        return self.join(list(pages), indexed=False)

    def _key(self, key: str | None) -> str | None:
        return self.default_key if key is None else key

    def _frame(self, page: Page, key: str | None) -> Frame:
        if key is None:
            return self.build(page.columns, page.rows, page.keys)
        return self.build([Column(key, None, page.keys), *page.columns], page.rows, None)


def without_json(values: list[Any]) -> list[Any]:
    """Return values, with the text of JSON values."""
    return [value.to_string() if isinstance(value, HazelcastJsonValue) else value for value in values]


def unreadable(name: str, values: list[Any], library: str) -> ValueError:
    """Return the error for values that have no common type in a library."""
    types = ", ".join(sorted({type(value).__qualname__ for value in values if value is not None}))
    return ValueError(f"column {name!r} has values of the types {types}, for which {library} has no type")
