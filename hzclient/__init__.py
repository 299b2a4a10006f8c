"""A client for Hazelcast clusters: blocking, with futures, and for asyncio.

`HazelcastClient` is the client for scripts and threads; `hzclient.asyncio.HazelcastClient` the one
for services on an event loop.
"""

import logging

from hzclient._alias import install_as_hazelcast
from hzclient._version import __version__
from hzclient.client import HazelcastClient

__all__ = ("HazelcastClient", "__version__", "install_as_hazelcast")

# What applications do not ask for must not appear on their stderr.
logging.getLogger(__name__).addHandler(logging.NullHandler())
