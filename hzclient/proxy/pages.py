"""Pages of a map's entries for data frames. Needs numpy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hzclient._runtime.faces import async_face_of, iterate_blocking
from hzclient.errors import HazelcastSerializationError
from hzclient.predicate import Predicate
from hzclient.proxy._reading import read_entries
from hzclient.proxy.map import BlockingMap
from hzclient.serialization._service import SerializationService
from hzclient.serialization.columns import Column, read_columns

__all__ = ("EntryPage", "iterate_pages")


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Some entries.

    Attributes:
        keys: The keys.
        columns: The values, which are compact records, by field; None if they are in `values`.
        values: The values, unless they are in `columns`.
    """

    keys: list[Any]
    columns: list[Column] | None
    values: list[Any]


def iterate_pages(
    source: BlockingMap[Any, Any], predicate: Predicate | None, page_size: int
) -> Iterator[EntryPage]:
    """Read a map page by page.

    Args:
        source: The map.
        predicate: Only the entries that match it; not a paging predicate.
        page_size: Number of entries of a page. The last page may have fewer.

    Yields:
        The pages.

    Raises:
        UnreadableItemError: A key or value cannot be deserialized.
    """
    yield from iterate_blocking(async_face_of(source).read_pages(_read, predicate, page_size))


def _read(service: SerializationService, entries: list[tuple[bytes, bytes]]) -> EntryPage:
    decode = service.decode
    columns = read_columns(service, [value for _, value in entries])
    if columns is not None:
        try:
            return EntryPage([decode(key) for key, _ in entries], columns, [])
        except HazelcastSerializationError:
            pass  # the error of the longer way below names the entry
    read = read_entries(decode, entries)
    return EntryPage([key for key, _ in read], None, [value for _, value in read])
