"""Pages of a result by column, for data frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hzclient._runtime.faces import async_face_of, run_blocking
from hzclient.sql._result import SqlResult

__all__ = ("iterate_columns",)


def iterate_columns(result: SqlResult) -> Iterator[list[list[Any]]]:
    """Iterate over the rows of a result, once, column by column.

    Args:
        result: The result.

    Yields:
        Values of each column for some rows, as many as are at hand.

    Raises:
        ValueError: If there are no rows, or if they have been iterated before.
        HazelcastSqlError: If rows cannot be fetched, or a value cannot be deserialized or represented.
    """
    source = async_face_of(result).source
    source.begin()
    while (columns := run_blocking(source.next_columns())) is not None:
        yield columns
