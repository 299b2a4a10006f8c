"""Constants that options take. An option accepts the value or the name of a constant."""

from __future__ import annotations

from typing import Final

__all__ = (
    "EvictionPolicy",
    "InFlightPolicy",
    "InMemoryFormat",
    "IndexType",
    "BytesType",
    "IntType",
    "QueryConstants",
    "ReconnectMode",
    "SSLProtocol",
    "TopicOverloadPolicy",
    "UniqueKeyTransformation",
)


class IntType:
    """Type on the wire of an int."""

    VAR: Final = 0
    """Smallest of the types below that can hold the number."""
    BYTE: Final = 1
    """8 bits."""
    SHORT: Final = 2
    """16 bits."""
    INT: Final = 3
    """32 bits."""
    LONG: Final = 4
    """64 bits."""
    BIG_INT: Final = 5
    """Java's BigInteger, of any size."""


class BytesType:
    """What `bytes` become for the members."""

    PICKLE: Final = 0
    """A Python pickle, as the official client writes them: other languages cannot read it."""
    BYTE_ARRAY: Final = 1
    """Java's `byte[]`, which every language reads, without copies in between."""


class EvictionPolicy:
    """Which entry of a full near cache is evicted first."""

    NONE: Final = 0
    """No entry is evicted, and no entry is added."""
    LRU: Final = 1
    """Least recently used."""
    LFU: Final = 2
    """Least frequently used."""
    RANDOM: Final = 3
    """Random."""


class InMemoryFormat:
    """Form in which a near cache keeps values."""

    BINARY: Final = 0
    """Serialized. Each read creates a new object."""
    OBJECT: Final = 1
    """As objects. All reads return the same object, which must not be modified."""


class SSLProtocol:
    """Versions of TLS."""

    SSLv2: Final = 0
    SSLv3: Final = 1
    TLSv1: Final = 2
    TLSv1_1: Final = 3
    TLSv1_2: Final = 4
    TLSv1_3: Final = 5


class QueryConstants:
    """Names of the key and the value in queries and indexes."""

    KEY_ATTRIBUTE_NAME: Final = "__key"
    THIS_ATTRIBUTE_NAME: Final = "this"


class UniqueKeyTransformation:
    """How a bitmap index transforms unique keys."""

    OBJECT: Final = 0
    """Keep them as they are, in a separate hash table."""
    LONG: Final = 1
    """Convert them to 64-bit integers, which must be distinct."""
    RAW: Final = 2
    """Use them directly. They must be integers."""


class IndexType:
    """Kinds of map indexes."""

    SORTED: Final = 0
    """For comparisons and ranges."""
    HASH: Final = 1
    """For equality."""
    BITMAP: Final = 2
    """For combined conditions on attributes with few distinct values."""


class ReconnectMode:
    """What the client does when it has lost all connections."""

    OFF: Final = 0
    """Shut down."""
    ON: Final = 1
    """Reconnect. Calls wait until then."""
    ASYNC: Final = 2
    """Reconnect. Calls fail with `ClientOfflineError` until then."""


class TopicOverloadPolicy:
    """What a reliable topic does with a message when its ringbuffer is full."""

    DISCARD_OLDEST: Final = 0
    """Overwrite the oldest message, even if it has not expired."""
    DISCARD_NEWEST: Final = 1
    """Drop the message."""
    BLOCK: Final = 2
    """Retry until there is space."""
    ERROR: Final = 3
    """Raise `TopicOverloadError`."""


class InFlightPolicy:
    """What happens to a call beyond `Config.max_in_flight_invocations`."""

    WAIT: Final = 0
    """It waits, no longer than its timeout."""
    RAISE: Final = 1
    """It fails with `HazelcastOverloadError`."""
