"""dogpile.cache's own generic tests of backends, run on ours; a file for pytest, in a process of its own.

`ADDRESSES` in the environment has the members.
"""

from __future__ import annotations

import os
import uuid

from dogpile.testing.fixtures import (
    _GenericBackendTestSuite,
    _GenericMutexTestSuite,
    _GenericSerializerTestSuite,
)


class TestBackend(_GenericBackendTestSuite):
    """Values, without a lock between processes."""

    backend = "hazelcast"
    config_args = {
        "arguments": {
            "members": os.environ["ADDRESSES"],
            "map_name": f"dogpile-{uuid.uuid4().hex}",
            "deadline": 10.0,
        }
    }


class TestSerializer(_GenericSerializerTestSuite, TestBackend):
    """Values with a serializer of the region's."""


class TestMutex(_GenericMutexTestSuite, TestBackend):
    """A lock between processes."""

    config_args = {"arguments": {**TestBackend.config_args["arguments"], "distributed_lock": True}}
