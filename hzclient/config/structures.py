"""Options of individual data structures."""

from __future__ import annotations

from hzclient.config.constants import EvictionPolicy, InMemoryFormat, TopicOverloadPolicy
from hzclient.config.option import Option, OptionSet, boolean, constant_of, integer, number

__all__ = (
    "FlakeIdGeneratorConfig",
    "NearCacheConfig",
    "ReliableTopicConfig",
)


class NearCacheConfig(OptionSet):
    """Options of the near cache of a map."""

    __slots__ = ()

    invalidate_on_change = Option[bool, bool](True, boolean)
    """Whether members notify the near cache of changed entries."""
    in_memory_format = Option[int, int | str](InMemoryFormat.BINARY, constant_of(InMemoryFormat))
    """How values are kept, one of `InMemoryFormat`."""
    time_to_live = Option[float | None, float](None, number(minimum=0), unit="seconds")
    """Longest time that an entry stays in the near cache. None means no limit."""
    max_idle = Option[float | None, float](None, number(minimum=0), unit="seconds")
    """Time without a read after which an entry is removed. None means no limit."""
    eviction_policy = Option[int, int | str](EvictionPolicy.LRU, constant_of(EvictionPolicy))
    """Which entries are evicted when the near cache is full, one of `EvictionPolicy`."""
    eviction_max_size = Option[int, int](10000, integer(minimum=1), unit="entries")
    """Largest number of entries in the near cache."""
    eviction_sampling_count = Option[int, int](8, integer(minimum=1), unit="entries")
    """Number of entries examined to find one to evict."""
    eviction_sampling_pool_size = Option[int, int](16, integer(minimum=1), unit="entries")
    """Number of candidates remembered from one eviction to the next."""
    reconciliation_interval = Option[float, float](60.0, number(minimum=0), unit="seconds")
    """Time between checks for lost invalidations. 0 turns the checks off. Beyond the official API."""
    max_tolerated_misses = Option[int, int](0, integer(minimum=0), unit="invalidations")
    """Number of missing invalidations of a partition that one check tolerates.

    They may still be on their way; if they are missing in the next check too, the partition's entries are
    dropped. With 0, nothing stays stale for longer than one `reconciliation_interval`, otherwise for
    longer than two. Beyond the official API.
    """


class FlakeIdGeneratorConfig(OptionSet):
    """Options of a flake id generator."""

    __slots__ = ()

    prefetch_count = Option[int, int](100, integer(minimum=1, maximum=100000), unit="ids")
    """Number of ids fetched at a time."""
    prefetch_validity = Option[float, float](600, number(minimum=0), unit="seconds")
    """Time after which fetched ids are not used any more. 0 means no limit."""


class ReliableTopicConfig(OptionSet):
    """Options of a reliable topic."""

    __slots__ = ()

    read_batch_size = Option[int, int](10, integer(minimum=1), unit="messages")
    """Largest number of messages that a listener reads at a time."""
    overload_policy = Option[int, int | str](TopicOverloadPolicy.BLOCK, constant_of(TopicOverloadPolicy))
    """What happens to a message when the topic is full, one of `TopicOverloadPolicy`."""
