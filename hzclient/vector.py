"""Values of vector collections."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

from hzclient._slots import Slotted

__all__ = (
    "Document",
    "IndexConfig",
    "Metric",
    "SearchResult",
    "Type",
    "Vector",
    "VectorDocument",
    "VectorIndexConfig",
    "VectorPair",
    "VectorSearchOptions",
    "VectorSearchResult",
    "VectorType",
)


class Type(enum.IntEnum):
    """How a vector is written down."""

    DENSE = 0


class Metric(enum.IntEnum):
    """How the distance of two vectors is measured."""

    EUCLIDEAN = 0
    COSINE = 1
    DOT = 2


@dataclass
class Vector:
    """A vector for one index of a collection.

    Attributes:
        name: Index that the vector is for; may be empty when the collection has one index.
        type: How the vector is written down.
        vector: The numbers, as many as the index has dimensions. Members keep 32-bit floats.
    """

    name: str
    type: Type
    vector: list[float]


class Document(Slotted):
    """A value of a vector collection, with its vectors.

    Args:
        value: The value.
        vectors: One vector, or one for each index.
    """

    __slots__ = ("value", "vectors")

    def __init__(self, value: Any, vectors: Vector | list[Vector]) -> None:
        self.value: Any = value
        self.vectors: Vector | list[Vector] = vectors

    @property
    def vector(self) -> Vector | None:
        """The vector, or the first of several; None if there is none."""
        if isinstance(self.vectors, Vector):
            return self.vectors
        return self.vectors[0] if self.vectors else None

    def __copy__(self) -> Document:
        return Document(self.value, self.vectors)

    def __repr__(self) -> str:
        vectors = [self.vectors] if isinstance(self.vectors, Vector) else self.vectors
        return f"Document<value={self.value}, vectors={vectors}>"


@dataclass
class SearchResult:
    """One hit of a search.

    Attributes:
        key: Key of the document.
        value: Value of the document; None unless the search included values.
        score: Nearness: the greater, the closer.
        vectors: Vectors of the document; empty unless the search included vectors.
    """

    key: Any
    value: Any
    score: float
    vectors: list[Vector]


@dataclass
class IndexConfig:
    """An index of a vector collection.

    Attributes:
        name: Name of the index; may be empty when the collection has one index.
        metric: How distance is measured.
        dimension: Numbers in each vector.
        max_degree: Neighbours that each node of the graph keeps at most.
        ef_construction: Candidates looked at when a node is inserted: more of them make a better graph
            and slower writes.
        use_deduplication: True if equal vectors share one node.
    """

    name: str
    metric: Metric
    dimension: int
    max_degree: int = 32
    ef_construction: int = 100
    use_deduplication: bool = True


@dataclass
class VectorSearchOptions:
    """What a search returns.

    Attributes:
        include_value: True if results hold the value.
        include_vectors: True if results hold the vectors.
        limit: Number of results at most.
        hints: Hints for the search on the member, by name.
    """

    include_value: bool
    include_vectors: bool
    limit: int
    hints: dict[str, str] = field(default_factory=dict[str, str])


VectorType = Type
VectorPair = Vector
VectorDocument = Document
VectorSearchResult = SearchResult
VectorIndexConfig = IndexConfig
