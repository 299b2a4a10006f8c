"""Structures of the shared client, whose calls have a deadline and a circuit breaker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import hzclient
from hzclient.config import ClientOptions
from hzclient.contrib._shared.breaker import CircuitBreaker, CircuitOpenError, is_unavailable
from hzclient.contrib._shared.clients import Home, SharedClient, home
from hzclient.errors import ClientOfflineError, OperationTimeoutError
from hzclient.future import Future, ImmediateExceptionFuture
from hzclient.lifecycle import LifecycleState
from hzclient.proxy.map import Map

S = TypeVar("S")
T = TypeVar("T")


class Guarded(Generic[S]):
    """A structure of the shared client, or anything else that is got from it.

    It is got when the first call needs it. While the cluster is away, calls fail at once. It may be made
    before the process forks, and used by any number of threads and loops.

    Args:
        get: Gets the structure, with its calls limited to the deadline. It may block: it runs in a thread.
        options: Options of the client.
        deadline: Seconds that a call may take, more than 0.
        failures: Number of consecutive failures that open the circuit breaker.
        pause: Seconds between attempts while it is open.

    Raises:
        ValueError: `deadline`, `failures` or `pause` is out of range.
    """

    def __init__(
        self,
        get: Callable[[hzclient.HazelcastClient], S],
        options: ClientOptions,
        *,
        deadline: float = 1.0,
        failures: int = 5,
        pause: float = 5.0,
    ) -> None:
        if not deadline > 0:
            raise ValueError(f"deadline must be more than 0 seconds, not {deadline!r}")
        self._get = get
        self._options = options
        self._deadline = deadline
        self._limits = (failures, pause)
        self._settle_in(home())

    def _settle_in(self, owner: Home) -> None:
        self._shared = owner.client(self._options)
        self._breaker = owner.breaker(self._options, *self._limits)
        self._lock = threading.RLock()
        self._ready: tuple[hzclient.HazelcastClient, S] | None = None
        self._being_got: Future[S] | None = None
        self._home = owner

    def _settle(self) -> None:
        """Move to this process, or to what replaces the shared clients that were closed."""
        owner = home()
        if self._home is not owner or owner.client(self._options) is not self._shared:
            self._settle_in(owner)

    @property
    def client(self) -> hzclient.HazelcastClient:
        """The shared client, which may not be connected yet."""
        self._settle()
        return self._shared.get(self._deadline)

    @property
    def breaker(self) -> CircuitBreaker:
        """The circuit breaker, shared by all that have the same options and limits."""
        if self._home is not home():
            self._settle()
        return self._breaker

    def call(self, use: Callable[[S], Future[T]]) -> Future[T]:
        """Call the structure.

        Args:
            use: Starts the call. It must not block, and its future must end within the deadline, as those
                of a structure with `with_timeout()` do.

        Returns:
            A future of the result. It fails with `CircuitOpenError` if the cluster is known to be away.

        Raises:
            Exception: What `use` raises, if the structure is ready and the cluster is not unavailable; in
                other cases the future has the error.
        """
        breaker = self.breaker
        try:
            probe = breaker.admit()
        except CircuitOpenError as refusal:
            return ImmediateExceptionFuture(refusal)
        try:
            ready = self._ready
            if ready is not None and ready[0].lifecycle_service.is_running():
                future = use(ready[1])
            else:
                future = self._when_ready(use)
        except BaseException as error:
            breaker.settle(probe, error, answered=False)
            if is_unavailable(error):
                return ImmediateExceptionFuture(error)
            raise
        future.add_done_callback(
            lambda done: breaker.settle(probe, done.exception(), answered=_answered(done))
        )
        return future

    def _when_ready(self, use: Callable[[S], Future[T]]) -> Future[T]:
        """Call the structure as soon as it is there, but not after the deadline."""
        outcome: Future[T] = Future()
        timer = threading.Timer(
            self._deadline,
            lambda: outcome.set_exception(
                OperationTimeoutError(f"the structure was not ready after {self._deadline} s")
            ),
        )
        timer.daemon = True
        timer.start()
        outcome.add_done_callback(lambda _: timer.cancel())

        def ready(got: Future[S]) -> None:
            if outcome.done():
                return
            try:
                future = use(got.result())
            except BaseException as error:
                outcome.set_exception(error)
            else:
                future.add_done_callback(lambda done: _copy(done, outcome))

        self._getting().add_done_callback(ready)
        return outcome

    def _getting(self) -> Future[S]:
        """Get the structure in a thread; callers that come meanwhile share the attempt."""
        self._settle()
        with self._lock:
            if self._being_got is not None:
                return self._being_got
            getting: Future[S] = Future()
            self._being_got = getting
        thread = threading.Thread(target=self._run_get, args=(getting,), name="hzclient-contrib", daemon=True)
        try:
            thread.start()
        except BaseException:
            self._being_got = None
            raise
        return getting

    def _run_get(self, getting: Future[S]) -> None:
        try:
            client = self._shared.get(self._deadline)
            structure = _got_from(client, self._get, self._shared)
        except BaseException as error:
            self._being_got = None
            getting.set_exception(error)
        else:
            self._ready = client, structure
            self._being_got = None
            getting.set_result(structure)


def _got_from(
    client: hzclient.HazelcastClient, get: Callable[[hzclient.HazelcastClient], S], shared: SharedClient
) -> S:
    """Get a structure. Before the client's first connection, wait for it for a limited time."""
    connected = threading.Event()
    lifecycle = client.lifecycle_service

    def noticed(state: str) -> None:
        if state in (LifecycleState.CONNECTED, LifecycleState.SHUTDOWN):
            connected.set()

    listener = lifecycle.add_listener(noticed)
    try:
        while True:
            try:
                return get(client)
            except ClientOfflineError:
                patience = shared.patience_ends - time.monotonic()
                if patience <= 0 or not connected.wait(patience):
                    raise
                connected.clear()
    finally:
        lifecycle.remove_listener(listener)


def _answered(done: Future[Any]) -> bool:
    """Return whether the cluster took part in an outcome: it responded with a result or an error."""
    error = done.exception()
    return error is None or getattr(error, "server_class", None) is not None


def _copy(done: Future[T], outcome: Future[T]) -> None:
    error = done.exception()
    if error is None:
        outcome.set_result(done.outcome())
    else:
        outcome.set_exception(error, done.traceback())


def guarded_map(
    name: str, options: ClientOptions, *, deadline: float = 1.0, failures: int = 5, pause: float = 5.0
) -> Guarded[Map[Any, Any]]:
    """Return a map of the shared client.

    Args:
        name: Name of the map.
        options: Options of the client.
        deadline: Seconds that a call may take, more than 0.
        failures: Number of consecutive failures that open the circuit breaker.
        pause: Seconds between attempts while it is open.

    Returns:
        The map.
    """

    def get(client: hzclient.HazelcastClient) -> Map[Any, Any]:
        found: Map[Any, Any] = client.get_map(name)
        return found.with_timeout(deadline)

    return Guarded(get, options, deadline=deadline, failures=failures, pause=pause)
