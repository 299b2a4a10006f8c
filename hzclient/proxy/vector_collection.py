"""VectorCollection: documents, found by similarity of their vectors. Enterprise Edition only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from hzclient._codec import custom
from hzclient._codec import vector_collection as codec
from hzclient._runtime.faces import AsyncioFace, BlockingFace, operation
from hzclient.proxy._arguments import check_at_least, check_instance, entries_of
from hzclient.proxy.base import Proxy, ProxyOperations
from hzclient.util import check_not_none
from hzclient.vector import Document, SearchResult, Type, Vector

__all__ = (
    "AsyncVectorCollection",
    "BlockingVectorCollection",
    "VectorCollection",
    "VectorCollectionOperations",
)

_NO_KEY = "a key must not be None"


class VectorCollectionOperations(ProxyOperations):
    """Documents by key, each with a vector for every index of the collection.

    Enterprise Edition only. The collection must be configured, on the members or with the client's
    `create_vector_collection_config`.
    """

    @operation
    async def get(self, key: Any) -> Document | None:
        """Return the document of a key, or None if there is none."""
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.GET.encode(self.name, key_data)
        return await self._invoke(request, self._document, partition_id=self._partition_id(key_data))

    @operation
    async def set(self, key: Any, document: Document) -> None:
        """Store a document."""
        key_data, value = self._encoded(key, document)
        request = codec.SET.encode(self.name, key_data, value)
        await self._invoke(request, partition_id=self._partition_id(key_data))

    @operation
    async def put(self, key: Any, document: Document) -> Document | None:
        """Store a document and return the old one, or None if there was none."""
        key_data, value = self._encoded(key, document)
        request = codec.PUT.encode(self.name, key_data, value)
        return await self._invoke(request, self._document, partition_id=self._partition_id(key_data))

    @operation
    async def put_all(self, map: Mapping[Any, Document]) -> None:
        """Store many documents, with one request for each partition, all at the same time.

        Args:
            map: Keys and documents. If one request fails, others may have been carried out.
        """
        entries: dict[int, list[tuple[bytes, custom.VectorDocument]]] = {}
        for key, document in entries_of(map, "a map"):
            entry = self._encoded(key, document)
            entries.setdefault(self._partition_id(entry[0]), []).append(entry)
        await self._context.runtime.gather(
            self._invoke(codec.PUT_ALL.encode(self.name, batch), partition_id=partition_id)
            for partition_id, batch in entries.items()
        )

    @operation
    async def put_if_absent(self, key: Any, document: Document) -> Document | None:
        """Store a document if the key has none; return the existing one, which stays, or None."""
        key_data, value = self._encoded(key, document)
        request = codec.PUT_IF_ABSENT.encode(self.name, key_data, value)
        return await self._invoke(request, self._document, partition_id=self._partition_id(key_data))

    @operation
    async def search_near_vector(
        self,
        vector: Vector,
        *,
        include_value: bool = False,
        include_vectors: bool = False,
        limit: int = 10,
        hints: dict[str, str] | None = None,
    ) -> list[SearchResult]:
        """Find the documents whose vectors are most similar to a vector.

        Args:
            vector: The vector. Its name selects the index if there are several.
            include_value: True if results contain values.
            include_vectors: True if results contain vectors.
            limit: Maximum number of results.
            hints: Hints for the search on the members, by name.

        Returns:
            The results, best first.
        """
        check_instance(vector, Vector, "a vector")
        check_at_least(limit, 1, "a limit")
        options = custom.VectorSearchOptions(include_value, include_vectors, limit, hints or {})
        request = codec.SEARCH_NEAR_VECTOR.encode(self.name, [_on_the_wire(vector)], options)
        return await self._invoke(request, self._search_results)

    @operation
    async def remove(self, key: Any) -> Document | None:
        """Remove a document and return it, or None if there was none."""
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.REMOVE.encode(self.name, key_data)
        return await self._invoke(request, self._document, partition_id=self._partition_id(key_data))

    @operation
    async def delete(self, key: Any) -> None:
        """Remove a document."""
        check_not_none(key, _NO_KEY)
        key_data = self._encode(key)
        request = codec.DELETE.encode(self.name, key_data)
        await self._invoke(request, partition_id=self._partition_id(key_data))

    @operation
    async def optimize(self, index_name: str | None = None) -> None:
        """Rebuild an index. This takes a while, and changes are refused meanwhile.

        Args:
            index_name: Name of the index; None if there is only one.
        """
        await self._invoke(codec.OPTIMIZE.encode(self.name, index_name, uuid4()))

    @operation
    async def clear(self) -> None:
        """Remove all documents."""
        await self._invoke(codec.CLEAR.encode(self.name))

    @operation
    async def size(self) -> int:
        """Return the number of documents."""
        return await self._invoke(codec.SIZE.encode(self.name))

    def _encoded(self, key: Any, document: Document) -> tuple[bytes, custom.VectorDocument]:
        check_not_none(key, _NO_KEY)
        check_instance(document, Document, "a document")
        check_not_none(document.value, "the value of a document must not be None")
        vectors = [document.vectors] if isinstance(document.vectors, Vector) else document.vectors
        value = custom.VectorDocument(self._encode(document.value), [_on_the_wire(v) for v in vectors])
        return self._encode(key), value

    def _document(self, found: custom.VectorDocument | None) -> Document | None:
        if found is None:
            return None
        return Document(self._decode(found.value), _vectors(found.vectors))

    def _search_results(self, found: Sequence[custom.VectorSearchResult]) -> list[SearchResult]:
        return [
            SearchResult(self._decode(hit.key), self._decode(hit.value), hit.score, _vectors(hit.vectors))
            for hit in found
        ]


def _on_the_wire(vector: Vector) -> custom.VectorPair:
    return custom.VectorPair(vector.name, vector.type, vector.vector)


def _vectors(pairs: Sequence[custom.VectorPair] | None) -> list[Vector]:
    return [Vector(pair.name, Type(pair.type), pair.vector or []) for pair in pairs or ()]


class AsyncVectorCollection(VectorCollectionOperations, AsyncioFace):
    """A vector collection whose operations are coroutine methods."""


class VectorCollection(Proxy["BlockingVectorCollection"], VectorCollectionOperations):
    """A vector collection whose operations return a `Future`."""


class BlockingVectorCollection(BlockingFace, VectorCollection):
    """A vector collection whose operations block until they are done."""
