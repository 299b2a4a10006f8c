"""The map's keys and entries page by page."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from hzclient._codec import map as codec
from hzclient._protocol.message import Request
from hzclient._runtime.faces import stream
from hzclient.predicate import PagingPredicate, Predicate
from hzclient.projection import Projection, multi_attribute, single_attribute
from hzclient.proxy._map_bulk import BulkOperations
from hzclient.types import KeyType, ValueType
from hzclient.util import check_true

T = TypeVar("T")

PAGE_SIZE: Final = 500

_PAGES_AT_ONCE: Final = 8

_Pointers = list[tuple[int, int]]
"""Where a member's table has been read up to: slot and table size, of each size that it has had."""

_START: Final = [(2**31 - 1, -1)]


@dataclass(slots=True)
class _Cursor:
    partition_id: int
    pointers: _Pointers

    @property
    def at_end(self) -> bool:
        return self.pointers[-1][0] < 0


_Page = tuple[_Pointers, list[T]]


class StreamOperations(BulkOperations[KeyType, ValueType], Generic[KeyType, ValueType]):
    """Goes through the whole map in bounded memory.

    An entry that is there all the time comes once, wherever its partition moves meanwhile. One that
    is added or removed meanwhile may come or not.
    """

    @stream
    def keys(
        self, predicate: Predicate | None = None, page_size: int = PAGE_SIZE
    ) -> AsyncGenerator[KeyType, None]:
        """Gives all keys one by one: `async for key in m.keys():`. They come from the members by page.

        Args:
            predicate: Only keys of entries that it matches; no paging predicate.
            page_size: How many keys a request asks for. Eight pages are held at once.

        Raises:
            ValueError: `page_size` is less than 1.
        """
        if predicate is not None:
            return self._matching(predicate, single_attribute("__key"), page_size, self._items)

        def request(pointers: _Pointers) -> Request[Any]:
            return codec.FETCH_KEYS.encode(self.name, pointers, page_size)

        return self._pages(page_size, request, lambda page: (page.iteration_pointers, self._items(page.keys)))

    @stream
    def entries(
        self, predicate: Predicate | None = None, page_size: int = PAGE_SIZE
    ) -> AsyncGenerator[tuple[KeyType, ValueType], None]:
        """Gives all entries one by one: `async for key, value in m.entries():`. They come by page.

        Args:
            predicate: Only entries that it matches; no paging predicate.
            page_size: How many entries a request asks for. Eight pages are held at once.

        Raises:
            ValueError: `page_size` is less than 1.
        """
        if predicate is not None:
            return self._matching(predicate, multi_attribute("__key", "this"), page_size, self._pairs)

        def request(pointers: _Pointers) -> Request[Any]:
            return codec.FETCH_ENTRIES.encode(self.name, pointers, page_size)

        return self._pages(
            page_size, request, lambda page: (page.iteration_pointers, self._entries(page.entries))
        )

    def _pairs(self, items: list[bytes | None]) -> list[tuple[KeyType, ValueType]]:
        return [tuple(pair) for pair in self._items(items)]

    def _matching(
        self,
        predicate: Predicate,
        projection: Projection[Any],
        page_size: int,
        decode: Callable[[list[bytes | None]], list[T]],
    ) -> AsyncGenerator[T, None]:
        check_true(not isinstance(predicate, PagingPredicate), "a stream takes no paging predicate")
        projection_data, predicate_data = self._encode(projection), self._encode(predicate)

        def request(pointers: _Pointers) -> Request[Any]:
            return codec.FETCH_WITH_QUERY.encode(
                self.name, pointers, page_size, projection_data, predicate_data
            )

        return self._pages(page_size, request, lambda page: (page.iteration_pointers, decode(page.results)))

    def _pages(
        self,
        page_size: int,
        request: Callable[[_Pointers], Request[Any]],
        decode: Callable[[Any], _Page[T]],
    ) -> AsyncGenerator[T, None]:
        if page_size < 1:
            raise ValueError(f"page_size must be at least 1, not {page_size!r}")
        return self._stream_pages(request, decode)

    async def _stream_pages(
        self, request: Callable[[_Pointers], Request[Any]], decode: Callable[[Any], _Page[T]]
    ) -> AsyncGenerator[T, None]:
        waiting: Iterator[_Cursor] = iter([_Cursor(id_, _START) for id_ in self._context.partitions.ids()])
        cursors: list[_Cursor] = list(islice(waiting, _PAGES_AT_ONCE))
        while cursors:
            pages = await self._context.runtime.gather(
                self._invoke(request(cursor.pointers), decode, partition_id=cursor.partition_id)
                for cursor in cursors
            )
            for cursor, page in zip(cursors, pages, strict=True):
                cursor.pointers = page[0]
                for item in page[1]:
                    yield item
            cursors = [cursor for cursor in cursors if not cursor.at_end]
            cursors += islice(waiting, _PAGES_AT_ONCE - len(cursors))
