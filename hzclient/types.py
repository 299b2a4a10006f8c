"""Type variables of the public generic classes."""

from __future__ import annotations

from typing import TypeVar

ItemType = TypeVar("ItemType")
KeyType = TypeVar("KeyType")
ValueType = TypeVar("ValueType")
MessageType = TypeVar("MessageType")
ElementType = TypeVar("ElementType")
ProjectionType = TypeVar("ProjectionType")
AggregatorResultType = TypeVar("AggregatorResultType")
BlockingProxyType = TypeVar("BlockingProxyType")
