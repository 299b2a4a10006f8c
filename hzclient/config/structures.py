"""Options of single data structures."""

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

    invalidate_on_change = Option[bool, bool](
        True, boolean, "Whether members tell the near cache which entries changed."
    )
    in_memory_format = Option[int, int | str](
        InMemoryFormat.BINARY, constant_of(InMemoryFormat), "How values are kept, one of `InMemoryFormat`."
    )
    time_to_live = Option[float | None, float](
        None, number(minimum=0), "Seconds that an entry stays at most. None: no limit."
    )
    max_idle = Option[float | None, float](
        None, number(minimum=0), "Seconds without a read after which an entry goes. None: no limit."
    )
    eviction_policy = Option[int, int | str](
        EvictionPolicy.LRU,
        constant_of(EvictionPolicy),
        "Which entries go when the near cache is full, one of `EvictionPolicy`.",
    )
    eviction_max_size = Option[int, int](10000, integer(minimum=1), "Number of entries at most.")
    eviction_sampling_count = Option[int, int](
        8, integer(minimum=1), "Entries that are looked at to find the one to evict."
    )
    eviction_sampling_pool_size = Option[int, int](
        16, integer(minimum=1), "Candidates that are remembered from one eviction to the next."
    )
    reconciliation_interval = Option[float, float](
        60.0,
        number(minimum=0),
        "Seconds between checks for lost invalidations. 0: no checks. Beyond the official API.",
    )
    max_tolerated_misses = Option[int, int](
        0,
        integer(minimum=0),
        "Lost invalidations of a partition that one check tolerates, as they may be on their way still; "
        "the next one drops the partition's entries. 0: none, so nothing stays stale longer than one "
        "`reconciliation_interval`; otherwise two. Beyond the official API.",
    )


class FlakeIdGeneratorConfig(OptionSet):
    """Options of a flake id generator."""

    __slots__ = ()

    prefetch_count = Option[int, int](
        100, integer(minimum=1, maximum=100000), "Number of ids fetched at a time."
    )
    prefetch_validity = Option[float, float](
        600, number(minimum=0), "Seconds after which fetched ids are not used any more. 0: no limit."
    )


class ReliableTopicConfig(OptionSet):
    """Options of a reliable topic."""

    __slots__ = ()

    read_batch_size = Option[int, int](10, integer(minimum=1), "Messages that a listener reads at a time.")
    overload_policy = Option[int, int | str](
        TopicOverloadPolicy.BLOCK,
        constant_of(TopicOverloadPolicy),
        "What happens to a message that finds the topic full, one of `TopicOverloadPolicy`.",
    )
