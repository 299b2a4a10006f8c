"""Streams of the map's keys and entries, which come page by page."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final, Generic, TypeAlias, TypeVar

from hzclient._codec import map as codec
from hzclient._protocol.message import Request
from hzclient._runtime.faces import stream
from hzclient.errors import HazelcastSerializationError
from hzclient.predicate import PagingPredicate, Predicate
from hzclient.projection import Projection, multi_attribute, single_attribute
from hzclient.proxy._map_bulk import BulkOperations
from hzclient.proxy._reading import OnError, check_on_error, read_entries, read_items
from hzclient.serialization._service import SerializationService
from hzclient.types import KeyType, ValueType
from hzclient.util import check_true

T = TypeVar("T")

PAGE_SIZE: Final = 500

_PAGES_AT_ONCE: Final = 8

_DATA_PAGES_AT_ONCE: Final = 32
"""Requests at once if entries are not deserialized one by one, because the latency matters most then."""

_Pointers: TypeAlias = list[tuple[int, int]]
"""How far the table of a partition has been read: slot and table size, for each size it has had so far."""

_START: Final = [(2**31 - 1, -1)]


@dataclass(slots=True)
class _Cursor:
    partition_id: int
    pointers: _Pointers

    @property
    def at_end(self) -> bool:
        return self.pointers[-1][0] < 0


_Page: TypeAlias = tuple[_Pointers, list[T]]

_Fetch: TypeAlias = tuple[Callable[[_Pointers], Request[Any]], Callable[[Any], _Page[T]]]
"""The request for the page at a place, and what reads the response."""

ReadDatas: TypeAlias = Callable[[SerializationService, list[tuple[bytes, bytes]]], T]


def check_page_size(page_size: int) -> None:
    """Raise `ValueError` if the size of pages is less than 1."""
    if page_size < 1:
        raise ValueError(f"page_size must be at least 1, not {page_size!r}")


def _split_all(
    split_pair: Callable[[bytes], tuple[bytes, bytes]], pairs: Sequence[bytes | None]
) -> list[tuple[bytes, bytes]]:
    return [split_pair(pair or b"") for pair in pairs]


class StreamOperations(BulkOperations[KeyType, ValueType], Generic[KeyType, ValueType]):
    """Iteration over the whole map in bounded memory.

    An entry that stays in the map during the iteration is returned exactly once, even if its partition
    migrates. An entry that is added or removed during the iteration may be returned or not.
    """

    @stream
    def keys(
        self, predicate: Predicate | None = None, page_size: int = PAGE_SIZE, on_error: OnError = "raise"
    ) -> AsyncGenerator[KeyType, None]:
        """Iterate over all keys: `async for key in m.keys():`.

        Args:
            predicate: Only the keys of entries that match it; not a paging predicate.
            page_size: Number of keys per request. At most eight pages are held at once.
            on_error: What to do about a key that cannot be deserialized: `"raise"` raises
                `UnreadableItemError`, `"skip"` leaves the key out, and `"raw"` returns its serialized form,
                a `hzclient.serialization.data.Data`, which all operations accept as a key.

        Returns:
            An iterator, which fetches the keys page by page.

        Raises:
            ValueError: `page_size` is less than 1, or `on_error` is not one of the choices.
        """
        check_on_error(on_error)
        read = partial(read_items, self._decode, on_error=on_error)
        if predicate is not None:
            return self._stream_pages(*self._matching(predicate, single_attribute("__key"), page_size, read))

        def request(pointers: _Pointers) -> Request[Any]:
            return codec.FETCH_KEYS.encode(self.name, pointers, page_size)

        check_page_size(page_size)
        return self._stream_pages(request, lambda page: (page.iteration_pointers, read(page.keys)))

    @stream
    def entries(
        self, predicate: Predicate | None = None, page_size: int = PAGE_SIZE, on_error: OnError = "raise"
    ) -> AsyncGenerator[tuple[KeyType, ValueType], None]:
        """Iterate over all entries: `async for key, value in m.entries():`.

        Args:
            predicate: Only the entries that match it; not a paging predicate.
            page_size: Number of entries per request. At most eight pages are held at once.
            on_error: What to do about an entry whose key or value cannot be deserialized: `"raise"` raises
                `UnreadableItemError`, `"skip"` leaves the entry out, and `"raw"` returns a
                `hzclient.serialization.data.Data` in place of the key or value. With a predicate, members
                return each entry as one array: if its key cannot be deserialized, the key is the `Data` of
                the array, and the value is None.

        Returns:
            An iterator, which fetches the entries page by page.

        Raises:
            ValueError: `page_size` is less than 1, or `on_error` is not one of the choices.
        """
        check_on_error(on_error)
        if predicate is not None:
            read_pairs = partial(self._read_pairs, on_error=on_error)
            pairs = multi_attribute("__key", "this")
            return self._stream_pages(*self._matching(predicate, pairs, page_size, read_pairs))
        read = partial(read_entries, self._decode, on_error=on_error)
        return self._stream_pages(*self._all_entries(page_size, read))

    async def read_pages(
        self, read: ReadDatas[T], predicate: Predicate | None, page_size: int
    ) -> AsyncGenerator[T, None]:
        """Iterate over results of serialized entries, for `hzclient.proxy.pages`."""
        context = self._context
        waiting: list[tuple[bytes, bytes]] = []
        per_request = min(page_size, PAGE_SIZE)
        if predicate is None:
            pages = self._read_pages(*self._all_entries(per_request, list), _DATA_PAGES_AT_ONCE)
        else:
            split = partial(_split_all, context.serialization.split_pair)
            projection = multi_attribute("__key", "this")
            pages = self._read_pages(
                *self._matching(predicate, projection, per_request, split), _DATA_PAGES_AT_ONCE
            )
        async with aclosing(pages):
            async for page in pages:
                waiting += page
                while len(waiting) >= page_size:
                    part, waiting = waiting[:page_size], waiting[page_size:]
                    yield await context.invocations.with_schemas(partial(read, context.serialization, part))
        if waiting:
            yield await context.invocations.with_schemas(partial(read, context.serialization, waiting))

    def _read_pairs(self, pairs: Sequence[bytes | None], on_error: OnError) -> list[tuple[Any, Any]]:
        """Deserialize entries that a member has serialized as arrays of a key and a value."""
        try:
            return [tuple(self._decode(pair)) for pair in pairs]
        except HazelcastSerializationError:
            split = self._context.serialization.split_pair
            return read_entries(self._decode, _split_all(split, pairs), on_error)

    def _all_entries(
        self, page_size: int, decode: Callable[[list[tuple[bytes, bytes]]], list[T]]
    ) -> _Fetch[T]:
        check_page_size(page_size)

        def request(pointers: _Pointers) -> Request[Any]:
            return codec.FETCH_ENTRIES.encode(self.name, pointers, page_size)

        return request, lambda page: (page.iteration_pointers, decode(page.entries))

    def _matching(
        self,
        predicate: Predicate,
        projection: Projection[Any],
        page_size: int,
        decode: Callable[[list[bytes | None]], list[T]],
    ) -> _Fetch[T]:
        check_page_size(page_size)
        check_true(not isinstance(predicate, PagingPredicate), "a stream takes no paging predicate")
        projection_data, predicate_data = self._encode(projection), self._encode(predicate)

        def request(pointers: _Pointers) -> Request[Any]:
            return codec.FETCH_WITH_QUERY.encode(
                self.name, pointers, page_size, projection_data, predicate_data
            )

        return request, lambda page: (page.iteration_pointers, decode(page.results))

    async def _stream_pages(
        self, request: Callable[[_Pointers], Request[Any]], decode: Callable[[Any], _Page[T]]
    ) -> AsyncGenerator[T, None]:
        async with aclosing(self._read_pages(request, decode)) as pages:
            async for page in pages:
                for item in page:
                    yield item

    async def _read_pages(
        self,
        request: Callable[[_Pointers], Request[Any]],
        decode: Callable[[Any], _Page[T]],
        at_once: int = _PAGES_AT_ONCE,
    ) -> AsyncGenerator[list[T], None]:
        waiting: Iterator[_Cursor] = iter([_Cursor(id_, _START) for id_ in self._context.partitions.ids()])
        cursors: list[_Cursor] = list(islice(waiting, at_once))
        while cursors:
            pages = await self._context.runtime.gather(
                self._invoke(request(cursor.pointers), decode, partition_id=cursor.partition_id)
                for cursor in cursors
            )
            for cursor, page in zip(cursors, pages, strict=True):
                cursor.pointers = page[0]
                yield page[1]
            cursors = [cursor for cursor in cursors if not cursor.at_end]
            cursors += islice(waiting, at_once - len(cursors))
