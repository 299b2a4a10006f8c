"""Plugin for pytest in the process that runs aiocache's own acceptance tests: `Cache.REDIS` is ours there.

Their fixture of caches makes one for Redis, with `Cache(Cache.REDIS, namespace="test")`.
"""

from __future__ import annotations

import os
import uuid
from typing import Any

import aiocache

from hzclient.contrib.aiocache import HazelcastCache

MAP = f"aiocache-{uuid.uuid4().hex}"


class Cache(HazelcastCache):
    """Our cache on the members of the test."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(os.environ["ADDRESSES"], map_name=MAP, deadline=10, **kwargs)


aiocache.Cache.REDIS = Cache
