"""Serializers that the application brings: by class, and one for all the rest."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from hzclient.serialization._buffer import qualified_name
from hzclient.serialization._constants import CONSTANT_TYPES, RESERVED_IDS
from hzclient.serialization.api import StreamSerializer

_log = logging.getLogger("hzclient.serialization")


class CustomSerializers:
    """The serializers, made and checked once.

    Args:
        by_class: Serializer class by the class of the objects.
        global_serializer: Serializer class for objects that no other serializer takes.

    Raises:
        ValueError: If a class has a built-in serializer, or a type id is taken.

    Attributes:
        by_id: Serializer by type id.
        fallback: The global serializer.
    """

    def __init__(
        self,
        by_class: Mapping[type[Any], type[StreamSerializer]],
        global_serializer: type[StreamSerializer] | None,
    ) -> None:
        self.by_id: Final[dict[int, StreamSerializer]] = {}
        self._by_class: Final[dict[type[Any], StreamSerializer]] = {}
        for cls, serializer_class in by_class.items():
            if cls in CONSTANT_TYPES:
                raise ValueError(f"{qualified_name(cls)} has a built-in serializer that cannot be replaced")
            self._by_class[cls] = self._registered(serializer_class)
        self.fallback: Final = None if global_serializer is None else self._registered(global_serializer)

    def find(self, cls: type[Any]) -> StreamSerializer | None:
        """Return the serializer of the class, of its nearest base class, or the global one."""
        for base in cls.__mro__:
            serializer = self._by_class.get(base)
            if serializer is not None:
                return serializer
        return self.fallback

    def has_own(self, cls: type[Any]) -> bool:
        """Return whether there is a serializer for exactly this class."""
        return cls in self._by_class

    def destroy(self) -> None:
        """Destroy each serializer. One that fails is logged: the others, and the client, end all the same."""
        for serializer in self.by_id.values():
            try:
                serializer.destroy()
            except Exception:
                _log.exception("the serializer %s cannot be destroyed", qualified_name(type(serializer)))

    def _registered(self, serializer_class: type[StreamSerializer]) -> StreamSerializer:
        serializer = serializer_class()
        type_id, name = serializer.get_type_id(), qualified_name(serializer_class)
        if type_id in RESERVED_IDS:
            raise ValueError(f"type id {type_id} of {name} belongs to Hazelcast; take one above 0")
        known = self.by_id.setdefault(type_id, serializer)
        if type(known) is not serializer_class:
            raise ValueError(f"type id {type_id} of {name} belongs to {qualified_name(type(known))} already")
        return known
