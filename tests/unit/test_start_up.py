"""`import hzclient` imports what a client needs to connect; the rest comes when a program uses it.

How many modules are imported decides how long the import takes, and, unlike a time, it can be checked.
"""

from __future__ import annotations

from tests.unit.interpreter import run

MOST_MODULES = 160
"""Modules of this package. Raise it only for what every client needs."""


def test_importing_the_package_imports_few_modules() -> None:
    before, *imported = run(
        """
        import sys
        before = "http.client" in sys.modules or "tempfile" in sys.modules
        import hzclient
        print(before, *sys.modules)
        """
    ).split()
    own = {name for name in imported if name.partition(".")[0] == "hzclient"}
    assert "hzclient.client" in own
    assert len(own) <= MOST_MODULES
    rarely_used = {
        "cp",
        "sql",
        "transaction",
        "statistics",
        "vector",
        "proxy.map",
        "proxy.queue",
        "_codec.map",
    }
    assert own.isdisjoint(f"hzclient.{name}" for name in rarely_used)
    if before == "False":
        assert {"http.client", "tempfile"}.isdisjoint(imported)


def test_modules_are_there_as_attributes() -> None:
    words = run(
        """
        import hzclient
        print(
            hzclient.predicate.sql("a = 1"),
            hzclient.proxy.map.Map.__name__,
            hzclient.proxy.cp.fenced_lock.FencedLock.__name__,
            hzclient.transaction.TWO_PHASE,
            "sql" in dir(hzclient),
            "queue" in dir(hzclient.proxy),
        )
        for module in (hzclient, hzclient.proxy):
            try:
                module.no_such_module
            except AttributeError as error:
                print(*str(error).split()[-1:])
        """
    ).split()
    assert " ".join(words[:-2]).endswith("Map FencedLock 1 True True")
    assert words[-2:] == ["'no_such_module'"] * 2


def test_every_name_of_the_asyncio_package_can_be_imported() -> None:
    names = run(
        """
        import hzclient.asyncio as package
        print(*dir(package))
        from hzclient.asyncio import *
        from hzclient.proxy.map import AsyncMap
        assert Map is AsyncMap is package.Map
        assert all(getattr(package, name).__module__ for name in package.__all__)
        print(*set(package.__all__) - set(dir(package)))
        try:
            package.NoSuchName
        except AttributeError as error:
            print(str(error).split()[-1])
        """
    ).split()
    assert "Map" in names
    assert names[-1] == "'NoSuchName'"


def test_modules_that_are_imported_after_the_alias_carry_the_official_names() -> None:
    words = run(
        """
        import sys, hzclient
        hzclient.install_as_hazelcast()
        assert "hzclient.proxy.map" not in sys.modules
        import hzclient.proxy.map, hazelcast
        print(hazelcast.proxy.map.EntryEventType.__name__, hazelcast.sql.HazelcastSqlError.__name__)
        import inspect
        source = inspect.getsource(hazelcast.proxy.map)
        print(type(hzclient.proxy.map.__loader__).__name__, "class Map" in source)
        """
    ).split()
    assert words == ["EntryEventType", "HazelcastSqlError", "SourceFileLoader", "True"]
