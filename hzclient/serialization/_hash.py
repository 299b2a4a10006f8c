"""Partition hash and partition id of serialized data."""

import struct
from typing import Final

import mmh3

_SEED: Final = 0x01000193
_NOT_SET: Final = b"\0\0\0\0"
_MIN_HASH: Final = -(1 << 31)

_unpack_hash = struct.Struct(">i").unpack_from


def payload_hash(data: bytes) -> int:
    """Return the signed 32-bit hash of the payload of serialized data."""
    return mmh3.hash(data[8:], _SEED)


def partition_hash(data: bytes) -> int:
    """Return the signed 32-bit hash from which the partition follows.

    Args:
        data: A whole serialized value. A hash in its head, which is that of its partition key, takes
            precedence over the hash of its payload.

    Returns:
        The hash.
    """
    if data[:4] == _NOT_SET:
        return mmh3.hash(data[8:], _SEED)
    return int(_unpack_hash(data)[0])


def partition_id(data: bytes, count: int) -> int:
    """Return the partition of serialized data.

    Args:
        data: A whole serialized value.
        count: Number of partitions of the cluster, at least 1.

    Returns:
        The partition, from 0.
    """
    # `partition_hash()` and `partition_of_hash()` inlined: this runs for every call.
    hash_ = mmh3.hash(data[8:], _SEED) if data[:4] == _NOT_SET else _unpack_hash(data)[0]
    return abs(hash_) % count if hash_ != _MIN_HASH else 0


def partition_of_hash(hash_: int, count: int) -> int:
    """Return the partition of a hash among `count` partitions."""
    return 0 if hash_ == _MIN_HASH else abs(hash_) % count
