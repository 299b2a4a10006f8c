"""The list inside a transaction."""

from __future__ import annotations

from typing import Any, ClassVar

from hzclient._codec import transactional_list as codec
from hzclient._runtime.faces import AsyncioFace
from hzclient.proxy._transactional_collection import TransactionalCollectionOperations
from hzclient.proxy.base import TransactionalProxy
from hzclient.types import ItemType

__all__ = ("AsyncTransactionalList", "TransactionalList", "TransactionalListOperations")


class TransactionalListOperations(TransactionalCollectionOperations[ItemType]):
    """A distributed list inside a transaction."""

    _codec: ClassVar[Any] = codec


class AsyncTransactionalList(TransactionalListOperations[ItemType], AsyncioFace):
    """A list within a transaction whose operations are coroutine methods."""


class TransactionalList(TransactionalProxy, TransactionalListOperations[ItemType]):
    """A list within a transaction whose operations block until they are done."""
