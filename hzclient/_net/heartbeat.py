"""Heartbeats: detect members that do not respond, and keep quiet connections alive."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hzclient._codec import client as codec
from hzclient._net.connection import MemberConnection, Progress
from hzclient._runtime.base import Runtime
from hzclient._services.call import URGENT
from hzclient._services.invocation import CALL_FAILURES, InvocationService

# Bytes that arrive do not prove that a member responds. If requests vanish on their way, events still arrive;
# and after a corrupted length every pong is swallowed as a part of a huge message that never ends. So a ping
# must get a response within `heartbeat_timeout`. Three things excuse a late response, because the ping waits
# its turn behind them: responses to other calls, a large message that keeps arriving, and a large request
# that is still being written.


@dataclass(slots=True)
class _Ping:
    """A ping without a response.

    Attributes:
        since: Monotonic time at which the connection was last seen to work.
        progress: What it had done by then.
    """

    since: float
    progress: Progress


class Heartbeat:
    """Pings connections, and closes those whose member is silent or does not respond.

    Args:
        runtime: Runs the timer.
        invocations: Sends the pings.
        connections: Returns the open connections.
        interval: Seconds between checks, and of quiet after which a ping is sent.
        timeout: Seconds of silence, or without a response to a ping, after which a connection is closed.
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
        self._pings: dict[MemberConnection, _Ping] = {}
        self._looked: float | None = None

    def oldest_missing(self, now: float) -> float | None:
        """Return for how many seconds a ping has waited for its response, or None if none waits.

        Args:
            now: Monotonic time in seconds.

        Returns:
            Seconds, or None.
        """
        waiting = [ping.since for connection, ping in tuple(self._pings.items()) if connection.alive]
        return max(0.0, now - min(waiting)) if waiting else None

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
        # If the loop itself was blocked, nothing was read or sent meanwhile: the member is not to blame.
        blocked = self._looked is not None and now - self._looked > max(2 * self._interval, self._timeout / 2)
        self._looked = now
        connections = list(self._connections())
        for gone in self._pings.keys() - set(connections):
            del self._pings[gone]
        for connection in connections:
            ping = self._pings.get(connection)
            if blocked and ping is not None:
                ping.since = now
            if not blocked and now - connection.last_read > self._timeout:
                connection.close(f"the member has sent nothing for {self._timeout} s")
            elif ping is not None:
                self._look_at_ping(connection, ping, now)
            elif connection.calls or now - connection.last_write >= self._interval:
                self._pings[connection] = ping = _Ping(now, connection.progress())
                self._runtime.spawn(self._ping(connection, ping), "ping")

    def _look_at_ping(self, connection: MemberConnection, ping: _Ping, now: float) -> None:
        progress = connection.progress()
        if progress.shows_life_since(ping.progress):
            ping.since, ping.progress = now, progress
        elif now - ping.since > self._timeout:
            connection.close(f"the member has not answered a ping for {self._timeout} s")

    async def _ping(self, connection: MemberConnection, ping: _Ping) -> None:
        try:
            await self._invocations.invoke(codec.PING.encode(), connection=connection, terms=URGENT)
        except CALL_FAILURES:
            pass  # a lost connection closes itself, and a response of any kind shows that the member lives
        finally:
            if self._pings.get(connection) is ping:
                del self._pings[connection]
