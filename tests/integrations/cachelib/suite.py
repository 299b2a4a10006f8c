"""cachelib's own tests of caches, run on the Hazelcast backend; a file for pytest, in a process of its own.

`SUITE` in the environment is the folder of cachelib's tests, `ADDRESSES` has the members.
"""

from __future__ import annotations

import os
import sys
import types
import uuid
from typing import Any

import pytest

sys.path.insert(0, os.environ["SUITE"])
# The suite's conftest imports it to start other servers, which these tests do not need.
sys.modules["xprocess"] = types.ModuleType("xprocess")
vars(sys.modules["xprocess"])["ProcessStarter"] = object

from clear import ClearTests  # type: ignore[import-not-found]  # noqa: E402
from common import CommonTests  # type: ignore[import-not-found]  # noqa: E402
from delete_many_with_prefix import DeleteManyWithPrefixTests  # type: ignore[import-not-found]  # noqa: E402
from has import HasTests  # type: ignore[import-not-found]  # noqa: E402

from hzclient.contrib.cachelib import HazelcastCache  # noqa: E402


@pytest.fixture(autouse=True, params=[None, "test-key-prefix:"])
def cache_factory(request: pytest.FixtureRequest) -> None:
    """Give the test class what makes its caches, each in an empty map."""

    def make(self: Any, *args: Any, **kwargs: Any) -> HazelcastCache:
        kwargs.setdefault("key_prefix", request.param)
        name = f"cachelib-{uuid.uuid4().hex}"
        return HazelcastCache(os.environ["ADDRESSES"], *args, map_name=name, deadline=10, **kwargs)

    request.cls.cache_factory = make


class TestHazelcastCache(CommonTests, ClearTests, HasTests, DeleteManyWithPrefixTests):
    """All mixins that a cache can have."""
