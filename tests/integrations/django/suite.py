"""Django's own tests of caches and sessions, run on the Hazelcast backend, in a process of their own.

python -m tests.integrations.django.suite FOLDER_OF_DJANGO'S_TESTS CLASS ADDRESS ...
"""

from __future__ import annotations

import json
import sys
import unittest
import unittest.mock
from collections.abc import Iterable
from typing import Any

from asgiref.sync import async_to_sync

EXCLUDED = {
    "test_cull": "the cluster evicts as its map configuration says, not by MAX_ENTRIES",
    "test_zero_cull": "the same, with CULL_FREQUENCY",
}
"""Tests that cannot hold, by name, with the reason."""

ASYNC_EXCLUDED = {
    "test_cache_read_for_model_instance_with_deferred": "Django forbids the pickling of a queryset in a task",
    "test_cache_write_for_model_instance_with_deferred": "the same",
}
"""More of them for the asynchronous methods."""

LOOKS_AT_METHODS = "_async_uses_specialized_implementation"
"""End of the names of tests of Django 6.1 that look at the methods of the backend: `InTasks` has none."""


class InTasks:
    """A cache whose methods are the asynchronous ones of another, each run in a task.

    Args:
        cache: The cache.
    """

    def __init__(self, cache: Any) -> None:
        vars(self)["_cache"] = cache

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._cache, name, value)

    def __getattr__(self, name: str) -> Any:
        asynchronous = getattr(self._cache, f"a{name}", None)
        return getattr(self._cache, name) if asynchronous is None else async_to_sync(asynchronous)

    def __contains__(self, key: object) -> bool:
        return key in self._cache


class CachesInTasks:
    """What `django.core.cache.caches` is, with asynchronous methods."""

    def __getitem__(self, alias: str) -> InTasks:
        from django.core.cache import caches

        return InTasks(caches[alias])


def configure(addresses: list[str], **options: Any) -> None:
    """Set Django up as its own test runner does, with the Hazelcast backend as the default cache."""
    import django
    from django.conf import settings

    settings.configure(
        ALLOWED_HOSTS=["*"],
        CACHES=caches_of(addresses, **options),
        DATABASES={
            alias: {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
            for alias in ("default", "other")
        },
        INSTALLED_APPS=["django.contrib.sessions", "cache", "sessions_tests"],
        MIDDLEWARE=[],
        ROOT_URLCONF="urls",
        SESSION_ENGINE="hzclient.contrib.django.sessions",
        SECRET_KEY="only for tests",
        USE_TZ=False,
    )
    django.setup()


def caches_of(addresses: list[str], **options: Any) -> dict[str, Any]:
    """Return the settings of the caches that Django's tests use."""
    base = {"BACKEND": "hzclient.contrib.django.HazelcastCache", "LOCATION": addresses}
    own: dict[str, dict[str, Any]] = {
        "default": {},
        "prefix": {"KEY_PREFIX": "cacheprefix"},
        "v2": {"VERSION": 2},
        "custom_key": {"KEY_FUNCTION": "cache.tests.custom_key_func"},
        "custom_key2": {"KEY_FUNCTION": "cache.tests.custom_key_func"},
        "cull": {},
        "zero_cull": {},
    }
    return {name: {**base, "OPTIONS": {"deadline": 10, **options}, **each} for name, each in own.items()}


def classes() -> dict[str, type[unittest.TestCase]]:
    """Return Django's test classes by name."""
    from cache import tests as suite  # type: ignore[import-not-found]
    from django.test import TestCase
    from sessions_tests.tests import CacheSessionTests  # type: ignore[import-not-found]

    from hzclient.contrib.django.sessions import SessionStore

    class Methods(suite.BaseCacheTests, TestCase):
        pass

    class InTasksMethods(suite.BaseCacheTests, TestCase):
        def setUp(self) -> None:
            for name, replacement in (("cache", InTasks(suite.cache)), ("caches", CachesInTasks())):
                patch = unittest.mock.patch.object(suite, name, replacement)
                patch.start()
                self.addCleanup(patch.stop)
            super().setUp()

    class NearCache(suite.BaseCacheTests, TestCase):
        pass

    class DjangosSessions(CacheSessionTests):
        pass

    class Sessions(CacheSessionTests):
        backend = SessionStore

    for each in (Methods, InTasksMethods, NearCache):
        leave_out(each, EXCLUDED)
    leave_out(InTasksMethods, ASYNC_EXCLUDED)
    leave_out(InTasksMethods, [name for name in dir(InTasksMethods) if name.endswith(LOOKS_AT_METHODS)])
    return {each.__name__: each for each in (Methods, InTasksMethods, NearCache, DjangosSessions, Sessions)}


def leave_out(cls: type[unittest.TestCase], names: Iterable[str]) -> None:
    """Leave tests out, which must exist."""
    for name in names:
        assert hasattr(cls, name), f"{cls.__name__} has no {name}"
        setattr(cls, name, None)


def main(folder: str, name: str, *addresses: str) -> None:
    """Run the tests of a class; print the numbers of passed, failed and skipped ones as JSON."""
    sys.path.insert(0, folder)
    configure(list(addresses), map_name=f"django-{name}", near_cache=name == "NearCache")
    from django.conf import settings
    from django.test.utils import get_runner, setup_test_environment

    runner = get_runner(settings)(verbosity=0, interactive=False)
    setup_test_environment(debug=False)
    databases = runner.setup_databases(aliases={"default", "other"})
    tests = unittest.TestLoader().loadTestsFromTestCase(classes()[name])
    outcome = unittest.TextTestRunner(stream=sys.stderr).run(tests)
    runner.teardown_databases(databases)
    failed = len({each for each, _ in (*outcome.failures, *outcome.errors)}) + len(
        outcome.unexpectedSuccesses
    )
    skipped = len(outcome.skipped)
    sys.stdout.write(
        json.dumps({"passed": outcome.testsRun - failed - skipped, "failed": failed, "skipped": skipped})
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
