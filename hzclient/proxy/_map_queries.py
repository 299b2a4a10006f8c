"""Queries of the map, which the members execute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from hzclient._codec import custom
from hzclient._codec import map as codec
from hzclient._protocol.message import Method
from hzclient._runtime.faces import operation
from hzclient.aggregator import Aggregator
from hzclient.config import IndexConfig, IndexType, IndexUtil
from hzclient.errors import ProtocolError
from hzclient.predicate import Anchor, PagingPredicate, Predicate, true
from hzclient.projection import Projection
from hzclient.proxy._map_bulk import BulkOperations
from hzclient.serialization.data import Data
from hzclient.types import AggregatorResultType, KeyType, ProjectionType, ValueType
from hzclient.util import IterationType, check_not_none, check_true

T = TypeVar("T")

_KILOBYTES, _MEGABYTES = 1, 2

_DEFAULT_BTREE: Final = custom.BTreeIndexConfig(
    custom.Capacity(16, _KILOBYTES), custom.MemoryTierConfig(custom.Capacity(256, _MEGABYTES))
)
"""The members' own default, which has to be sent: null makes them fail."""

NO_PAGES = "a paging predicate is for key_set, values and entry_set only"


class QueryOperations(BulkOperations[KeyType, ValueType], Generic[KeyType, ValueType]):
    """Searches by predicate, and computations that run on the members."""

    @operation
    async def key_set(self, predicate: Predicate | None = None) -> list[KeyType]:
        """Return a snapshot of all keys, in one response. `keys` fetches them page by page.

        Args:
            predicate: Only the keys of entries that match it. For a paging predicate, only those of its
                current page.

        Returns:
            The keys.

        Raises:
            UnreadableItemError: A key cannot be deserialized.
        """
        if predicate is None:
            return await self._invoke(codec.KEY_SET.encode(self.name), self._items)
        if isinstance(predicate, PagingPredicate):
            return await self._page(
                codec.KEY_SET_WITH_PAGING_PREDICATE, predicate, IterationType.KEY, self._items
            )
        request = codec.KEY_SET_WITH_PREDICATE.encode(self.name, self._encode(predicate))
        return await self._invoke(request, self._items)

    @operation
    async def values(self, predicate: Predicate | None = None) -> list[ValueType]:
        """Return a snapshot of all values, in one response.

        Args:
            predicate: Only the values of entries that match it. For a paging predicate, only those of its
                current page.

        Returns:
            The values.

        Raises:
            UnreadableItemError: A value cannot be deserialized.
        """
        if predicate is None:
            return await self._invoke(codec.VALUES.encode(self.name), self._items)
        if isinstance(predicate, PagingPredicate):
            return await self._page(
                codec.VALUES_WITH_PAGING_PREDICATE, predicate, IterationType.VALUE, self._items
            )
        request = codec.VALUES_WITH_PREDICATE.encode(self.name, self._encode(predicate))
        return await self._invoke(request, self._items)

    @operation
    async def entry_set(self, predicate: Predicate | None = None) -> list[tuple[KeyType, ValueType]]:
        """Return a snapshot of all entries, in one response. `entries` fetches them page by page.

        Args:
            predicate: Only entries that match it. For a paging predicate, only those of its current page.

        Returns:
            Keys and values.

        Raises:
            UnreadableItemError: A key or value cannot be deserialized.
        """
        if predicate is None:
            return await self._invoke(codec.ENTRY_SET.encode(self.name), self._entries)
        if isinstance(predicate, PagingPredicate):
            return await self._page(
                codec.ENTRIES_WITH_PAGING_PREDICATE, predicate, IterationType.ENTRY, self._entries
            )
        request = codec.ENTRIES_WITH_PREDICATE.encode(self.name, self._encode(predicate))
        return await self._invoke(request, self._entries)

    async def _page(
        self,
        method: Method[[str, custom.PagingPredicateHolder], Any],
        predicate: PagingPredicate,
        iteration_type: int,
        decode: Callable[[Any], list[T]],
    ) -> list[T]:
        """Return the current page of a paging predicate, and store in the predicate where it ends."""
        predicate.iteration_type = iteration_type
        request = method.encode(self.name, self._on_the_wire(predicate))
        items, anchors = await self._invoke(
            request, lambda page: (decode(page.response), page.anchor_data_list)
        )
        pages, entries = anchors.anchor_page_list, anchors.anchor_data_list
        if len(pages) != len(entries):
            raise ProtocolError(f"{method.name}: {len(pages)} pages for {len(entries)} anchors")
        predicate.anchors = [
            Anchor(page, Data(key), Data(value)) for page, (key, value) in zip(pages, entries, strict=True)
        ]
        return items

    def _on_the_wire(self, predicate: PagingPredicate) -> custom.PagingPredicateHolder:
        anchors = predicate.anchors
        return custom.PagingPredicateHolder(
            custom.AnchorDataListHolder(
                [anchor.page for anchor in anchors],
                [(self._encode(anchor.key), self._encode(anchor.value)) for anchor in anchors],
            ),
            self._encode_optional(predicate.predicate),
            self._encode_optional(predicate.comparator),
            predicate.page_size,
            predicate.page,
            predicate.iteration_type,
            self._encode_optional(predicate.partition_key),
        )

    @operation
    async def aggregate(
        self, aggregator: Aggregator[AggregatorResultType], predicate: Predicate | None = None
    ) -> AggregatorResultType:
        """Compute one result from many entries on the members.

        Args:
            aggregator: The computation, from `hzclient.aggregator`.
            predicate: Only entries that match it; not a paging predicate.

        Returns:
            The result.
        """
        check_not_none(aggregator, "an aggregator must not be None")
        if predicate is None:
            request = codec.AGGREGATE.encode(self.name, self._encode(aggregator))
        else:
            check_true(not isinstance(predicate, PagingPredicate), NO_PAGES)
            request = codec.AGGREGATE_WITH_PREDICATE.encode(
                self.name, self._encode(aggregator), self._encode(predicate)
            )
        result: AggregatorResultType = await self._invoke(request, self._decode)
        return result

    @operation
    async def project(
        self, projection: Projection[ProjectionType], predicate: Predicate | None = None
    ) -> list[ProjectionType]:
        """Return parts of entries.

        Args:
            projection: The parts to return, from `hzclient.projection`.
            predicate: Only entries that match it; not a paging predicate.

        Returns:
            The projection of each entry.

        Raises:
            UnreadableItemError: A result cannot be deserialized.
        """
        check_not_none(projection, "a projection must not be None")
        check_true(not isinstance(predicate, PagingPredicate), NO_PAGES)
        # Members respond to both requests in the format of the one with a predicate, so only that is sent.
        request = codec.PROJECT_WITH_PREDICATE.encode(
            self.name, self._encode(projection), self._encode(true() if predicate is None else predicate)
        )
        return await self._invoke(request, self._items)

    @operation
    async def add_index(
        self,
        attributes: Sequence[str] | None = None,
        index_type: int | str = IndexType.SORTED,
        name: str | None = None,
        bitmap_index_options: dict[str, Any] | None = None,
    ) -> None:
        """Add an index, which speeds up queries on its attributes. An existing index stays as it is.

        Args:
            attributes: The indexed attributes: at least one, and exactly one for a bitmap index.
            index_type: One of `hzclient.config.IndexType`.
            name: Name of the index; by default derived from map, type, and attributes.
            bitmap_index_options: `unique_key` and `unique_key_transformation` of a bitmap index.

        Raises:
            ValueError: There is no attribute or there are too many; or an attribute is blank or given twice.
            TypeError: An option is of the wrong type.
        """
        given = list(attributes) if isinstance(attributes, tuple) else attributes
        config = IndexConfig(name, index_type, given, bitmap_index_options)  # type: ignore[arg-type]
        index = IndexUtil.validate_and_normalize(self.name, config)
        options = index.bitmap_index_options
        request = codec.ADD_INDEX.encode(
            self.name,
            custom.IndexConfig(
                index.name,
                index.type,
                index.attributes,
                custom.BitmapIndexOptions(options.unique_key, options.unique_key_transformation),
                _DEFAULT_BTREE,
            ),
        )
        await self._invoke(request)
