"""Identified objects of Hazelcast itself that clients read."""

from collections.abc import Iterable
from typing import Any, Final

from hzclient.core import Address, MapEntry
from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._collections import hashable
from hzclient.serialization._options import IdentifiedFactories
from hzclient.serialization.api import ObjectDataInput, ObjectDataOutput
from hzclient.serialization.data import Data
from hzclient.serialization.identified import Identified
from hzclient.types import ItemType, KeyType, ValueType

__all__ = [
    "CanonicalizingHashSet",
    "FACTORIES",
    "IdentifiedAddress",
    "IdentifiedMapEntry",
    "JournaledChange",
    "ReliableTopicMessage",
]


class ReliableTopicMessage(Identified):
    """Message in the ringbuffer of a reliable topic.

    Args:
        publish_time: When it was published, in seconds since 1970.
        publisher_address: Address of the member that published it, None if a client did.
        payload: The message.
    """

    FACTORY_ID = -9
    CLASS_ID = 2

    def __init__(
        self,
        publish_time: float | None = None,
        publisher_address: Address | None = None,
        payload: Data | None = None,
    ) -> None:
        self.publish_time = publish_time
        self.publisher_address = publisher_address
        self.payload = payload

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        """Read the fields."""
        self.publish_time = object_data_input.read_long() / 1000.0
        self.publisher_address = object_data_input.read_object()
        payload = object_data_input.read_byte_array()
        self.payload = None if payload is None else Data(bytes(payload))

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        """Write the fields."""
        if self.publish_time is None:
            raise HazelcastSerializationError("a reliable topic message needs a publish time")
        object_data_output.write_long(round(self.publish_time * 1000))
        object_data_output.write_object(self.publisher_address)
        object_data_output.write_byte_array(None if self.payload is None else self.payload.buffer)


class IdentifiedAddress(Address, Identified):
    """Address of a member."""

    FACTORY_ID = 0
    CLASS_ID = 1

    def __init__(self, host: str = "", port: int = 0) -> None:
        super().__init__(host, port)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        """Read the fields."""
        self.port = object_data_input.read_int()
        object_data_input.read_byte()
        self.host = object_data_input.read_string() or ""

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        """Write the fields."""
        object_data_output.write_int(self.port)
        object_data_output.write_byte(6 if ":" in self.host else 4)
        object_data_output.write_string(self.host)


class CanonicalizingHashSet(set[ItemType], Identified):
    """Set that the `distinct` aggregator results in."""

    FACTORY_ID = -29
    CLASS_ID = 19

    def __init__(self, items: Iterable[ItemType] = ()) -> None:
        super().__init__(items)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        """Read the items."""
        for _ in range(object_data_input.read_int()):
            self.add(hashable(object_data_input.read_object()))

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        """Write the items."""
        object_data_output.write_int(len(self))
        for item in self:
            object_data_output.write_object(item)


class IdentifiedMapEntry(MapEntry[KeyType, ValueType], Identified):
    """Entry of a map, as projections and aggregators result in."""

    FACTORY_ID = -4
    CLASS_ID = 120

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        """Read key and value."""
        self._key = object_data_input.read_object()
        self._value = object_data_input.read_object()

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        """Write key and value."""
        object_data_output.write_object(self.key)
        object_data_output.write_object(self.value)


class _LockAwareMapEntry(IdentifiedMapEntry[Any, Any]):
    CLASS_ID = 126


class JournaledChange(Identified):
    """Change of an entry in the event journal of a map, its objects still serialized.

    Args:
        event_type: What happened.
        key: The key.
        value: The value since then.
        old_value: The value before.
    """

    FACTORY_ID = -4
    CLASS_ID = 132

    def __init__(
        self,
        event_type: int = 0,
        key: bytes | None = None,
        value: bytes | None = None,
        old_value: bytes | None = None,
    ) -> None:
        self.event_type = event_type
        self.key = key
        self.value = value
        self.old_value = old_value

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        """Read the fields."""
        inp = object_data_input
        self.event_type = inp.read_int()
        self.key, self.value, self.old_value = (_read_data(inp) for _ in range(3))
        # Newer members add whether a map loader made the change.

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        """Write the fields."""
        out = object_data_output
        out.write_int(self.event_type)
        for data in (self.key, self.value, self.old_value):
            out.write_byte_array(data)
        out.write_boolean(False)


def _read_data(inp: ObjectDataInput) -> bytes | None:
    data = inp.read_byte_array()
    return None if data is None else bytes(data)


FACTORIES: Final[IdentifiedFactories] = {
    IdentifiedAddress.FACTORY_ID: {IdentifiedAddress.CLASS_ID: IdentifiedAddress},
    IdentifiedMapEntry.FACTORY_ID: {
        IdentifiedMapEntry.CLASS_ID: IdentifiedMapEntry,
        _LockAwareMapEntry.CLASS_ID: _LockAwareMapEntry,
        JournaledChange.CLASS_ID: JournaledChange,
    },
    ReliableTopicMessage.FACTORY_ID: {ReliableTopicMessage.CLASS_ID: ReliableTopicMessage},
    CanonicalizingHashSet.FACTORY_ID: {CanonicalizingHashSet.CLASS_ID: CanonicalizingHashSet},
}
"""Classes by factory id and class id; a factory of the application with the same id replaces one of these."""
