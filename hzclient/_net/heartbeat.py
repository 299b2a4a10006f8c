"""Heartbeats: detect silent members, and keep quiet connections alive."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from hzclient._codec import client as codec
from hzclient._net.connection import MemberConnection
from hzclient._runtime.base import Runtime
from hzclient._services.call import URGENT
from hzclient._services.invocation import CALL_FAILURES, InvocationService


class Heartbeat:
    """Pings connections that were not written to, and closes those that were not read from.

    Args:
        runtime: Runs the timer.
        invocations: Sends the pings.
        connections: Returns the open connections.
        interval: Seconds between checks, and of quiet after which a ping is sent.
        timeout: Seconds of silence after which a connection is closed.
    """

    def __init__(
        self,
        *,
        runtime: Runtime,
        invocations: InvocationService,
        connections: Callable[[], Iterable[MemberConnection]],
        interval: float,
        timeout: float,
    ) -> None:
        self._runtime = runtime
        self._invocations = invocations
        self._connections = connections
        self._interval = interval
        self._timeout = timeout

    async def run(self) -> None:
        """Check the connections until cancelled."""
        while True:
            await self._runtime.sleep(self._interval)
            self.look(time.monotonic())

    def look(self, now: float) -> None:
        """Check every connection once.

        Args:
            now: Monotonic time in seconds.
        """
        for connection in list(self._connections()):
            if now - connection.last_read > self._timeout:
                connection.close(f"the member has sent nothing for {self._timeout} s")
            elif now - connection.last_write >= self._interval:
                self._runtime.spawn(self._ping(connection), "ping")

    async def _ping(self, connection: MemberConnection) -> None:
        try:
            await self._invocations.invoke(codec.PING.encode(), connection=connection, terms=URGENT)
        except CALL_FAILURES:
            pass  # a lost connection closes itself, and a response of any kind shows that the member lives
