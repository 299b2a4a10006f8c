"""The module `hazelcast.hash`: how keys are assigned to partitions."""

from __future__ import annotations

from hzclient.serialization._hash import payload_hash

__all__ = ("hash_to_index", "murmur_hash3_x86_32")


def murmur_hash3_x86_32(data: bytes | bytearray) -> int:
    """Return the signed 32-bit MurmurHash3 of the payload of serialized data, without its 8-byte header."""
    return payload_hash(bytes(data))


def hash_to_index(mm_hash: int, length: int) -> int:
    """Return the index of a hash among `length` partitions."""
    return 0 if mm_hash == 0x80000000 else abs(mm_hash) % length
