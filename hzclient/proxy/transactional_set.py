"""The set inside a transaction."""

from __future__ import annotations

from typing import Any, ClassVar

from hzclient._codec import transactional_set as codec
from hzclient._runtime.faces import AsyncioFace
from hzclient.proxy._transactional_collection import TransactionalCollectionOperations
from hzclient.proxy.base import TransactionalProxy
from hzclient.types import ItemType

__all__ = ("AsyncTransactionalSet", "TransactionalSet", "TransactionalSetOperations")


class TransactionalSetOperations(TransactionalCollectionOperations[ItemType]):
    """A distributed set inside a transaction."""

    _codec: ClassVar[Any] = codec


class AsyncTransactionalSet(TransactionalSetOperations[ItemType], AsyncioFace):
    """A set within a transaction whose operations are coroutine methods."""


class TransactionalSet(TransactionalProxy, TransactionalSetOperations[ItemType]):
    """A set within a transaction whose operations block until they are done."""
