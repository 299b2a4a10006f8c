"""The configuration of vector collections, sent to the members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hzclient._codec import custom
from hzclient._codec import dynamic_config as codec
from hzclient.util import check_not_empty, check_not_none
from hzclient.vector import IndexConfig

if TYPE_CHECKING:
    from hzclient._protocol.message import Request


def add_vector_collection_config(
    name: str,
    indexes: Sequence[IndexConfig],
    backup_count: int,
    async_backup_count: int,
    split_brain_protection_name: str | None,
    merge_policy: str,
    merge_batch_size: int,
) -> Request[None]:
    """Return the request that adds the configuration of a vector collection.

    Args:
        name: Name of the collection.
        indexes: Its indexes.
        backup_count: Number of synchronous backups.
        async_backup_count: Number of asynchronous backups.
        split_brain_protection_name: Name of a split-brain protection; None for none.
        merge_policy: Name of the merge policy.
        merge_batch_size: Number of entries that are merged at once.

    Returns:
        The request.

    Raises:
        AssertionError: There is no name or no index, or two indexes have the same name.
    """
    check_not_none(name, "a name must not be None")
    check_not_empty(indexes, "there must be an index")
    names = [index.name for index in indexes]
    if len(set(names)) < len(names):
        raise AssertionError(f"indexes must have different names: {names}")
    on_the_wire = [
        custom.VectorIndexConfig(
            index.name,
            index.metric,
            index.dimension,
            index.max_degree,
            index.ef_construction,
            index.use_deduplication,
        )
        for index in indexes
    ]
    return codec.ADD_VECTOR_COLLECTION_CONFIG.encode(
        name,
        on_the_wire,
        backup_count,
        async_backup_count,
        split_brain_protection_name,
        merge_policy,
        merge_batch_size,
    )
