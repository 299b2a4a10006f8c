"""What all integrations share: the client of the process, its circuit breakers, and guarded calls.

An integration gets a structure from `guarded_map()` or makes a `Guarded` of its own, and writes each of its
operations once, as a function that returns a `Future`: synchronous methods take `.result()`, asynchronous
methods `await` it.
"""

from hzclient.contrib._shared.breaker import (
    UNAVAILABLE,
    CircuitBreaker,
    CircuitOpenError,
    is_unavailable,
)
from hzclient.contrib._shared.cache import CacheStore, matching
from hzclient.contrib._shared.clients import close_shared_clients, shared_client
from hzclient.contrib._shared.guarded import Guarded, guarded_map
from hzclient.contrib._shared.lock import CacheLock
from hzclient.contrib._shared.replies import RAISE, Reply
from hzclient.contrib._shared.steps import Steps, run_steps
from hzclient.contrib._shared.urls import options_of_url
from hzclient.contrib._shared.values import MISSING, NEVER, Serializer

__all__ = (
    "MISSING",
    "NEVER",
    "RAISE",
    "UNAVAILABLE",
    "CacheLock",
    "CacheStore",
    "CircuitBreaker",
    "CircuitOpenError",
    "Guarded",
    "Reply",
    "Serializer",
    "Steps",
    "close_shared_clients",
    "guarded_map",
    "is_unavailable",
    "matching",
    "options_of_url",
    "run_steps",
    "shared_client",
)
