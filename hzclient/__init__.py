"""A client for Hazelcast clusters: blocking, with futures, and for asyncio.

`HazelcastClient` is the client for scripts and threads; `hzclient.asyncio.HazelcastClient` the one
for services on an event loop.
"""

import logging
from typing import TYPE_CHECKING

from hzclient._alias import install_as_hazelcast
from hzclient._lazy import on_first_use
from hzclient._speed import build_info
from hzclient._unseen import LastResort
from hzclient._version import __version__
from hzclient.client import HazelcastClient

__all__ = ("HazelcastClient", "__version__", "build_info", "install_as_hazelcast")

# The application decides what is logged; only errors that it could not notice otherwise are shown.
logging.getLogger(__name__).addHandler(LastResort())

if not TYPE_CHECKING:
    # As in `hzclient.predicate.sql(...)`, with no import of the module.
    __getattr__, __dir__ = on_first_use(
        globals(),
        (
            *("aggregator", "client", "cluster", "config", "core", "cp", "discovery", "errors", "future"),
            *("lifecycle", "near_cache", "observation", "partition", "predicate", "projection", "protocol"),
            *("proxy", "security", "serialization", "sql", "statistics", "transaction", "types", "util"),
            "vector",
        ),
    )
