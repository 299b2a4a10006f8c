"""Sessions with CP groups, which keep locks and permits as long as the client lives."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from hzclient._codec import cp_session as codec
from hzclient._protocol.message import Request
from hzclient._runtime.base import Runtime
from hzclient._runtime.pending import Waiter, fail, resolve
from hzclient._services.call import Terms
from hzclient._services.cp_leaders import CPLeaders
from hzclient._services.invocation import InvocationService
from hzclient.errors import (
    CPGroupDestroyedError,
    HazelcastClientNotActiveError,
    OperationTimeoutError,
    SessionExpiredError,
)
from hzclient.protocol import RaftGroupId

R = TypeVar("R")

_logger = logging.getLogger("hzclient.cp")

NO_SESSION: Final = -1
"""Session id on the wire of a call without a session."""

_CLOSE_SECONDS = 3.0
"""Seconds that the shutdown waits for members to close the sessions."""


@dataclass(slots=True, eq=False)
class _Session:
    """A session that a group gave this client.

    Attributes:
        ttl: Seconds without a heartbeat after which the group ends it.
        confirmed: Monotonic time of the last heartbeat that the group has certainly seen.
        in_use: Number of locks, permits and calls that use it now.
    """

    id: int
    ttl: float
    confirmed: float
    in_use: int = 0

    def lives(self, now: float) -> bool:
        """Return whether the session can be used: heartbeats keep it, or it has not expired yet."""
        return self.in_use > 0 or now < self.confirmed + self.ttl


class CPSessions:
    """One session with each CP group, created when it is first needed. May be called from any thread.

    Attributes:
        closed: True once the client shuts down and gives out no more sessions.

    Args:
        runtime: Where sessions are created and heartbeats are sent.
        invocations: Sends the requests.
        leaders: The leaders of the groups, where requests go.
        client_name: Shown by members as the owner of a session.
        clock: Returns the monotonic time in seconds.
    """

    def __init__(
        self,
        runtime: Runtime,
        *,
        invocations: InvocationService,
        leaders: CPLeaders,
        client_name: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.closed = False
        self._runtime = runtime
        self._invocations = invocations
        self._leaders = leaders
        self._client_name = client_name
        self._clock = clock
        self._lock = runtime.lock
        self._sessions: dict[RaftGroupId, _Session] = {}
        self._waiting: dict[RaftGroupId, list[Waiter[None]]] = {}
        self._creating: dict[RaftGroupId, object] = {}
        self._thread_ids: dict[RaftGroupId, list[int]] = {}
        self._moves = 0

    def session_id(self, group_id: RaftGroupId) -> int:
        """Return the id of the session with a group, or `NO_SESSION`."""
        session = self._sessions.get(group_id)
        return NO_SESSION if session is None else session.id

    def in_use(self, group_id: RaftGroupId) -> int:
        """Return the number of locks, permits and calls that use the session with a group."""
        session = self._sessions.get(group_id)
        return 0 if session is None else session.in_use

    async def acquire(self, group_id: RaftGroupId, count: int = 1) -> int:
        """Use the session with a group, creating it if needed; an operation.

        Callers that arrive while it is being created wait for it.

        Args:
            group_id: The group.
            count: Number of uses, to be given back by `release`.

        Returns:
            Id of the session.

        Raises:
            HazelcastClientNotActiveError: The client is shut down.
        """
        while True:
            waiter: Waiter[None] = self._runtime.pending()
            with self._lock:
                if self.closed:
                    raise HazelcastClientNotActiveError
                session = self._sessions.get(group_id)
                if session is not None and session.lives(self._clock()):
                    session.in_use += count
                    return session.id
                self._waiting.setdefault(group_id, []).append(waiter)
                claim = None
                if self._creating.get(group_id) is not True:
                    claim = self._creating[group_id] = object()
            if claim is not None:  # at once, as it leaves before what the caller calls next
                self._runtime.launch(self._create(group_id), "creating a CP session")
                # Not before: an interrupt may prevent it, and a signal handler may wait for the session.
                with self._lock:
                    if self._creating.get(group_id) is claim:
                        self._creating[group_id] = True
            await waiter

    def release(self, group_id: RaftGroupId, session_id: int, count: int = 1) -> None:
        """Give `count` uses back. Do nothing if the group has another session by now."""
        with self._lock:
            session = self._sessions.get(group_id)
            if session is not None and session.id == session_id:
                session.in_use -= count

    def invalidate(self, group_id: RaftGroupId, session_id: int) -> None:
        """Forget a session that the group has ended. Do nothing if the group has another one by now."""
        with self._lock:
            session = self._sessions.get(group_id)
            if session is not None and session.id == session_id:
                del self._sessions[group_id]

    def forget(self) -> None:
        """Forget all sessions and send no more heartbeats: the client has moved to another cluster.

        The same session ids and thread ids may belong to another client there.
        """
        with self._lock:
            self._moves += 1
            self._sessions.clear()
            self._thread_ids.clear()

    async def borrow_thread_id(self, group_id: RaftGroupId) -> int:
        """Return a thread id that no other caller of this group has, in any client; an operation."""
        try:
            return self._thread_ids[group_id].pop()
        except (KeyError, IndexError):
            return await self._invoke(group_id, codec.GENERATE_THREAD_ID.encode(group_id))

    def return_thread_id(self, group_id: RaftGroupId, thread_id: int) -> None:
        """Give a thread id back, to be used again."""
        self._thread_ids.setdefault(group_id, []).append(thread_id)

    async def invoke(
        self, group_id: RaftGroupId, session_id: int, request: Request[R], deadline: float | None = None
    ) -> R:
        """Send a request that names a session, or a borrowed thread id; an operation.

        Args:
            group_id: The group.
            session_id: The session, or `NO_SESSION`. It is forgotten if the group says that it is over.
            request: What to send.
            deadline: As in `Terms`.

        Returns:
            What the response holds.

        Raises:
            SessionExpiredError: The session is over, or the client has moved to another cluster. In
                that case the request is not sent.
        """
        moves = self._moves

        def check() -> None:
            if self._moves != moves:
                raise SessionExpiredError("the session was with a cluster that the client has left")

        try:
            return await self._invocations.invoke(
                request, member=self._leaders.of(group_id), terms=Terms(deadline=deadline, check=check)
            )
        except (SessionExpiredError, CPGroupDestroyedError):
            if self._moves == moves:
                self.invalidate(group_id, session_id)
            raise

    async def _invoke(self, group_id: RaftGroupId, request: Request[R]) -> R:
        return await self._invocations.invoke(request, member=self._leaders.of(group_id))

    async def _create(self, group_id: RaftGroupId) -> None:
        started = self._clock()
        try:
            response = await self._invoke(group_id, codec.CREATE_SESSION.encode(group_id, self._client_name))
        except Exception as error:
            self._settle(group_id, error)
            return
        except BaseException:
            self._settle(group_id, HazelcastClientNotActiveError())
            raise
        session = _Session(response.session_id, response.ttl_millis / 1000, started)
        with self._lock:
            current = self._sessions.get(group_id)
            needed = current is None or not current.lives(self._clock())
            if needed:
                self._sessions[group_id] = session
        if not needed:  # two threads have asked at the same moment; nobody uses this one, and it expires
            self._settle(group_id, None)
            return
        self._runtime.post(self._start_heartbeat, group_id, session, response.heartbeat_millis / 1000)
        self._settle(group_id, None)

    def _settle(self, group_id: RaftGroupId, error: Exception | None) -> None:
        with self._lock:
            self._creating.pop(group_id, None)
            waiting = self._waiting.pop(group_id, [])
        for waiter in waiting:
            if error is None:
                resolve(waiter, None)
            else:
                fail(waiter, error)

    def _start_heartbeat(self, group_id: RaftGroupId, session: _Session, period: float) -> None:
        self._runtime.spawn(self._keep_alive(group_id, session, period), "cp-heartbeat")

    async def _keep_alive(self, group_id: RaftGroupId, session: _Session, period: float) -> None:
        """Send heartbeats while the session is in use, until it is over."""
        while True:
            try:
                await self._runtime.sleep(period)
            except HazelcastClientNotActiveError:
                return
            with self._lock:
                if self._sessions.get(group_id) is not session:
                    return
                if not session.lives(self._clock()):
                    del self._sessions[group_id]
                    return
                needed = session.in_use > 0
            if needed:
                await self._heartbeat(group_id, session, period)

    async def _heartbeat(self, group_id: RaftGroupId, session: _Session, period: float) -> None:
        now = self._clock()
        try:
            request = codec.HEARTBEAT_SESSION.encode(group_id, session.id)
            await self.invoke(group_id, session.id, request, now + period)
        except (SessionExpiredError, CPGroupDestroyedError) as error:
            _logger.warning(
                "Session %s with CP group %s is over; its locks and permits are lost: %r",
                session.id,
                group_id.name,
                error,
            )
        except Exception as error:
            _logger.debug("No heartbeat for session %s: %r", session.id, error)
        else:
            session.confirmed = now

    async def close(self) -> None:
        """End all sessions, which frees their locks and permits at once."""
        with self._lock:
            self.closed = True
            sessions, self._sessions = self._sessions, {}
        try:
            await self._runtime.within(
                _CLOSE_SECONDS,
                self._runtime.gather(
                    self._close(group_id, session.id) for group_id, session in sessions.items()
                ),
                OperationTimeoutError,
            )
        except OperationTimeoutError:
            _logger.warning("CP sessions could not be closed; members end them when they expire")

    async def _close(self, group_id: RaftGroupId, session_id: int) -> None:
        try:
            request = codec.CLOSE_SESSION.encode(group_id, session_id)
            await self.invoke(group_id, session_id, request, self._clock() + _CLOSE_SECONDS)
        except Exception as error:
            _logger.debug("Session %s with CP group %s is not closed: %r", session_id, group_id.name, error)
