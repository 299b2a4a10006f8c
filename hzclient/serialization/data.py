"""Serialized values as objects."""

from typing import Final

from hzclient._slots import Slotted
from hzclient.serialization import bits
from hzclient.serialization._hash import partition_hash, payload_hash
from hzclient.serialization.serialization_const import CONSTANT_TYPE_NULL, CONSTANT_TYPE_PORTABLE

__all__ = [
    "DATA_OFFSET",
    "Data",
    "HEAP_DATA_OVERHEAD",
    "PARTITION_HASH_OFFSET",
    "TYPE_OFFSET",
]

PARTITION_HASH_OFFSET: Final = 0
TYPE_OFFSET: Final = 4
DATA_OFFSET: Final = 8
HEAP_DATA_OVERHEAD: Final = DATA_OFFSET


class Data(Slotted):
    """A serialized value: partition hash, type id, payload.

    Args:
        buf: The whole of it.

    Attributes:
        buffer: The same bytes.
    """

    __slots__ = ("buffer",)

    def __init__(self, buf: bytes) -> None:
        self.buffer: Final = bytes(buf)

    def get_type(self) -> int:
        """Return the type id; that of null if there is no data."""
        if not self.buffer:
            return CONSTANT_TYPE_NULL
        return int(bits.BE_INT.unpack_from(self.buffer, TYPE_OFFSET)[0])

    def total_size(self) -> int:
        """Return the number of bytes."""
        return len(self.buffer)

    def data_size(self) -> int:
        """Return the number of bytes of the payload."""
        return max(len(self.buffer) - HEAP_DATA_OVERHEAD, 0)

    def get_partition_hash(self) -> int:
        """Return the hash that decides about the partition."""
        return partition_hash(self.buffer)

    def is_portable(self) -> bool:
        """Return whether the value is a portable object."""
        return self.get_type() == CONSTANT_TYPE_PORTABLE

    def hash_code(self) -> int:
        """Return the hash of the payload."""
        return payload_hash(self.buffer)

    def __eq__(self, other: object) -> bool:
        return self.buffer == other.buffer if isinstance(other, Data) else NotImplemented

    def __hash__(self) -> int:
        return self.hash_code()

    def __len__(self) -> int:
        return len(self.buffer)

    def __repr__(self) -> str:
        return f"<Data type_id={self.get_type()} size={len(self.buffer)}>" if len(self) >= 8 else "<Data>"
