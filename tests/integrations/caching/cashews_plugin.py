"""Plugin for pytest in the process that runs cashews' own tests: their fixture `cache`.

The source distribution does not have the file with the fixtures of the tests.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator

import pytest
from cashews import Cache

from hzclient.contrib.cashews import install

MAP = f"cashews-{uuid.uuid4().hex}"
install()
URL = f"hazelcast://{os.environ['ADDRESSES']}"


@pytest.fixture(name="cache")
async def empty_cache() -> AsyncIterator[Cache]:
    cache = Cache()
    await cache.init(URL, map_name=MAP, deadline=20, suppress=False)
    await cache.clear()
    yield cache
    await cache.close()
