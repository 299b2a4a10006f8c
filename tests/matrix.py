"""Options of the test run: the event loop, eager tasks, and a detector of calls that block a loop.

./run-tests.sh unit --loop uvloop --eager --debug --blocking
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping

import pytest
from blockbuster import BlockBuster, blockbuster_ctx

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("matrix")
    group.addoption("--event-loop", choices=("asyncio", "uvloop"), help="loop that async tests run on")
    group.addoption("--eager-tasks", action="store_true", help="start tasks eagerly (Python 3.12)")
    group.addoption("--all-faults", action="store_true", help="each fault of members on each kind of cluster")
    group.addoption("--detect-blocking", action="store_true", help="refuse blocking calls in a loop")


def pytest_configure(config: pytest.Config) -> None:
    """Register what the options ask for."""
    if config.option.eager_tasks and sys.version_info < (3, 12):
        raise pytest.UsageError("--eager-tasks needs Python 3.12 or newer")
    if config.option.event_loop or config.option.eager_tasks:
        config.pluginmanager.register(Loops(config.option.event_loop or "asyncio", config.option.eager_tasks))
    if config.option.detect_blocking:
        config.pluginmanager.register(BlockingDetector())


class Loops:
    """Make the event loops of async tests.

    Args:
        name: "asyncio" or "uvloop".
        eager: Whether tasks take their first step when they are created.
    """

    def __init__(self, name: str, eager: bool) -> None:
        self._name = name
        self._eager = eager

    def pytest_asyncio_loop_factories(
        self, config: pytest.Config, item: pytest.Item
    ) -> Mapping[str, LoopFactory]:
        """Return the one factory of this run."""
        return {self._name: self._make}

    def _make(self) -> asyncio.AbstractEventLoop:
        loop: asyncio.AbstractEventLoop
        if self._name == "uvloop":
            import uvloop

            loop = uvloop.new_event_loop()
        else:
            loop = asyncio.new_event_loop()
        if self._eager and sys.version_info >= (3, 12):
            loop.set_task_factory(asyncio.eager_task_factory)
        return loop


class BlockingDetector:
    """Raise `BlockingError` in each function that blocks while an event loop runs in its thread.

    Only calls below hzclient count. Tests that use a blocking face in a coroutine block on purpose; they are
    left alone.
    """

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Watch one test."""
        if self._blocks_on_purpose(item):
            return (yield)
        with blockbuster_ctx(scanned_modules=["hzclient"]) as detector:
            self._allow_what_is_meant(detector)
            return (yield)

    def _blocks_on_purpose(self, item: pytest.Item) -> bool:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        return parameters.get("face") in ("future", "blocking") or "threaded_client" in getattr(
            item, "fixturenames", ()
        )

    def _allow_what_is_meant(self, detector: BlockBuster) -> None:
        # Locks of a runtime are held for a few instructions and never while something waits.
        for name in ("threading.Lock.acquire", "threading.Lock.acquire_lock"):
            if (function := detector.functions.pop(name, None)) is not None:
                function.deactivate()  # the detector has activated it, and would never undo that
