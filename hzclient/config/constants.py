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
    """What an int becomes for the members."""

    VAR: Final = 0
    """The smallest of the types below that holds the number."""
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
    """Which entry of a full near cache goes first."""

    NONE: Final = 0
    """None goes, and nothing is added."""
    LRU: Final = 1
    """The one not read for the longest time."""
    LFU: Final = 2
    """The one read least often."""
    RANDOM: Final = 3
    """Any."""


class InMemoryFormat:
    """How a near cache keeps values."""

    BINARY: Final = 0
    """Serialized: each read makes a new object."""
    OBJECT: Final = 1
    """As objects: reads share one, which must not be changed."""


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
    """What a bitmap index makes of unique keys."""

    OBJECT: Final = 0
    """Keeps them as they are, in a hash table of their own."""
    LONG: Final = 1
    """Turns them into 64-bit numbers, which must differ."""
    RAW: Final = 2
    """Uses the numbers that they are."""


class IndexType:
    """Kinds of indexes of a map."""

    SORTED: Final = 0
    """For comparisons and ranges."""
    HASH: Final = 1
    """For equality."""
    BITMAP: Final = 2
    """For combinations of attributes that have few values."""


class ReconnectMode:
    """What the client does when it has lost all connections."""

    OFF: Final = 0
    """Shuts down."""
    ON: Final = 1
    """Reconnects; calls wait meanwhile."""
    ASYNC: Final = 2
    """Reconnects; calls fail meanwhile with `ClientOfflineError`."""


class TopicOverloadPolicy:
    """What a reliable topic does with a message that finds the ringbuffer full."""

    DISCARD_OLDEST: Final = 0
    """Overwrites the oldest message, even one that has not expired."""
    DISCARD_NEWEST: Final = 1
    """Drops the message."""
    BLOCK: Final = 2
    """Tries again until there is space."""
    ERROR: Final = 3
    """Fails with `TopicOverloadError`."""


class InFlightPolicy:
    """What happens to a call beyond `Config.max_in_flight_invocations`."""

    WAIT: Final = 0
    """It waits for its turn, at most as long as its timeout."""
    RAISE: Final = 1
    """It fails with `HazelcastOverloadError`."""
