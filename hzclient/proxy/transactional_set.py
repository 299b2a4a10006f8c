"""The set within a transaction."""

from __future__ import annotations

from typing import Any, ClassVar

from hzclient._codec import transactional_set as codec
from hzclient._runtime.faces import AsyncioFace
from hzclient.proxy._transactional_collection import TransactionalCollectionOperations
from hzclient.proxy.base import TransactionalProxy
from hzclient.types import ItemType

__all__ = ("AsyncTransactionalSet", "TransactionalSet", "TransactionalSetOperations")


class TransactionalSetOperations(TransactionalCollectionOperations[ItemType]):
    """A distributed set within a transaction."""

    _codec: ClassVar[Any] = codec


class AsyncTransactionalSet(TransactionalSetOperations[ItemType], AsyncioFace):
    """A set within a transaction; its operations are coroutine methods."""


class TransactionalSet(TransactionalProxy, TransactionalSetOperations[ItemType]):
    """A set within a transaction; its operations return when they are done."""
