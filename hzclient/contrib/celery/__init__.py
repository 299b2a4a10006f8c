# Celery has no types: its base classes and what they return cannot be checked.
# pyright: reportUntypedBaseClass=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false, reportMissingParameterType=false
# pyright: reportIncompatibleVariableOverride=false, reportIncompatibleMethodOverride=false
"""Celery on Hazelcast: a result backend, and the broker of `hzclient.contrib.kombu`.

::

    from celery import Celery
    from hzclient.contrib.celery import install

    install()
    app = Celery("shop", broker="hazelcast://10.0.0.1:5701", backend="hazelcast://10.0.0.1:5701")

Theory of chords. The last task of a chord's header that ends starts the chord's body, so the number of
tasks that have ended must be exact, although a task may run twice (its worker was killed and the message
delivered again) and although a response of a member may be lost, after which the client sends the request
again. Adding to a number is not safe then. The counter of a chord is therefore a set of the tasks that have
ended: a bit for each position in the header. It is replaced by compare-and-set, and a task whose bit is
already set is not counted again. The entry also names the task that was added last: if that one runs again,
it may start the body again, because its first run may have been killed before it did so. All others cannot.
After the body was started, a mark remains instead of the counter until the results expire, and late
repetitions end there.

Positions alone do not identify the tasks: if a chain in the header ends with a group, Celery gives all tasks
of that group the position of the chain. The first task that ends therefore claims its position, by an entry
with its id. A task that finds the position claimed by another id is counted by its own id instead.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar, cast

from celery import states
from celery.backends.base import KeyValueStoreBackend
from celery.exceptions import ImproperlyConfigured, TimeoutError
from celery.result import GroupResult, ResultSet
from kombu.utils.encoding import bytes_to_str
from kombu.utils.functional import retry_over_time

from hzclient.config import ClientOptions
from hzclient.contrib._shared import (
    NEVER,
    UNAVAILABLE,
    Guarded,
    guarded_map,
    is_unavailable,
    options_of_url,
)
from hzclient.contrib._shared.urls import without_password
from hzclient.contrib.kombu import install
from hzclient.future import Future, combine_futures
from hzclient.proxy.map import Map

__all__ = ("HazelcastBackend", "install")

T = TypeVar("T")

_logger = logging.getLogger("hzclient.contrib.celery")

_DONE: Final = "done"
_OPTIONS: Final = frozenset({"client", "map_name", "deadline", "retry_policy", "global_keyprefix"})


class HazelcastBackend(KeyValueStoreBackend):
    """Result backend that keeps the results of tasks in a Hazelcast map.

    `result_backend_transport_options` may have:

    - `client`: a dict of options of `hzclient.HazelcastClient`, which take precedence over those of the URL;
    - `map_name`: name of the map (`"celery-results"`);
    - `deadline`: seconds that an attempt may take (5.0);
    - `retry_policy`: how calls are repeated while the cluster is unavailable: `max_retries` (20),
      `interval_start` (0), `interval_step` (1) and `interval_max` (1), in seconds;
    - `global_keyprefix`: what all keys in the map begin with.

    Args:
        app: The application.
        url: `hazelcast://host:port,host:port/?cluster_name=dev`.
        **kwargs: Arguments of Celery's `KeyValueStoreBackend`.

    Raises:
        ImproperlyConfigured: The URL or an option is wrong.
    """

    key_t = bytes_to_str
    implements_incr = True
    persistent = True
    supports_native_join = True
    supports_autoexpire = True
    supports_failure_expires = True
    """Celery's setting `result_failure_expires` is respected."""
    supports_result_compression = True
    """Celery's setting `result_compression` is respected."""

    def __init__(self, app: Any, url: str | None = None, **kwargs: Any) -> None:
        super().__init__(app=app, url=url, **kwargs)
        options: dict[str, Any] = app.conf.get("result_backend_transport_options") or {}
        if unknown := sorted(options.keys() - _OPTIONS):
            raise ImproperlyConfigured(
                "unknown result_backend_transport_options of HazelcastBackend: "
                f"{', '.join(unknown)}; options of the client belong into 'client'"
            )
        failure_expires = app.conf.get("result_failure_expires")
        self._failure_expires = (
            self.expires if failure_expires is None else self.prepare_expires(failure_expires, type=int)
        )
        self._policy = {**KeyValueStoreBackend.retry_policy, **(options.get("retry_policy") or {})}
        self._counted = _Counted()
        try:
            self._map: Guarded[Map[str, Any]] = guarded_map(
                options.get("map_name", "celery-results"),
                _client_options(url, options.get("client")),
                deadline=options.get("deadline", 5.0),
                pause=1.0,
            )
        except ValueError as error:
            raise ImproperlyConfigured(str(error)) from error

    def as_uri(self, include_password: bool = False) -> str:
        """Return the URL. Its password is masked if `include_password` is not set."""
        url = self.url or ""
        return url if include_password else without_password(url)

    def exception_safe_to_retry(self, exc: BaseException) -> bool:
        """Return True if an error says that the cluster is away. If it is, any call may be repeated."""
        return is_unavailable(exc)

    def _call(self, use: Callable[[Map[str, Any]], Future[T]]) -> T:
        """Call the map, again and again while the cluster is unavailable, as the retry policy says."""
        found: Any = retry_over_time(lambda: self._map.call(use).result(), UNAVAILABLE, **self._policy)
        return cast(T, found)

    # ------------------------------------------------------------------------------------- keys and values

    def get(self, key: str) -> Any:
        """Return the value of a key; None if there is none."""
        return self._call(lambda m: m.get(key))

    def mget(self, keys: Sequence[str]) -> list[Any]:
        """Return the values of keys, which are all requested at once; None for those without a value."""
        wanted = list(keys)
        found = self._call(lambda m: m.get_all(wanted))
        return [found.get(key) for key in wanted]

    def set(self, key: str, value: Any) -> None:
        """Store a value, which expires as `result_expires` says."""
        self._set(key, value, self.expires)

    def _set_with_state(self, key: str, value: Any, state: str) -> None:
        self._set(key, value, self._failure_expires if state == states.FAILURE else self.expires)

    def _set(self, key: str, value: Any, expires: float | None) -> None:
        self._call(lambda m: m.set(key, value, expires or NEVER))

    def expire(self, key: str, value: float | None) -> None:
        """Let a key expire in `value` seconds; None or 0 for never."""
        self._call(lambda m: m.set_ttl(key, value or NEVER))

    def delete(self, key: str) -> None:
        """Remove a key. The counter of a chord is replaced by the mark that its body was started."""
        if key.startswith(cast(str, self.chord_keyprefix)):
            self._set(key, _DONE, self._chord_lifetime)
        else:
            self._call(lambda m: m.delete(key))

    # --------------------------------------------------------------------------------------------- waiting

    def wait_for(
        self,
        task_id: str,
        timeout: float | None = None,
        interval: float = 0.5,
        no_ack: bool = True,
        on_interval: Callable[[], object] | None = None,
    ) -> Any:
        """Wait until a task has ended. The members report it; in case that they do not, its state is polled.

        Args:
            task_id: Id of the task.
            timeout: Seconds to wait; None waits without limit.
            interval: Seconds between polls.
            no_ack: Not used.
            on_interval: Called after each poll at which the task had not ended.

        Returns:
            What is stored about the task.

        Raises:
            TimeoutError: It did not end in time.
        """
        self._ensure_not_eager()
        ends = None if timeout is None else time.monotonic() + timeout
        changed = threading.Event()
        if meta := self._meta_of_ended(task_id, on_interval):
            return meta
        with self._reported(cast(str, self.get_key_for_task(task_id)), changed):
            # Again: it may have ended before the listener was there.
            while not (meta := self._meta_of_ended(task_id, on_interval)):
                if on_interval:
                    on_interval()
                left = interval if ends is None else min(interval, ends - time.monotonic())
                if ends is not None and left <= 0:
                    raise TimeoutError("The operation timed out.")
                changed.wait(left)
                changed.clear()
        return meta

    def _meta_of_ended(self, task_id: str, on_interval: Callable[[], object] | None) -> Any:
        """Return what is stored about a task, or None unless it has ended."""
        meta = self.get_task_meta(task_id)
        if meta["status"] not in states.READY_STATES:
            return None
        if meta["status"] in states.PROPAGATE_STATES and on_interval:
            on_interval()  # raises the error of a task before it, such as one of a chord's header: the cause
        return meta

    @contextmanager
    def _reported(self, key: str, changed: threading.Event) -> Generator[None]:
        """Set an event whenever the value of a key changes."""

        def report(_: object) -> None:
            changed.set()

        id_ = self._call(lambda m: m.add_entry_listener(key=key, added_func=report, updated_func=report))
        try:
            yield
        finally:
            try:
                self._map.call(lambda m: m.remove_entry_listener(id_)).result()
            except UNAVAILABLE as error:
                _logger.info("a listener of a result was not removed: %r", error)

    # --------------------------------------------------------------------------------------------- chords

    def on_chord_part_return(self, request: Any, state: str, result: Any, **kwargs: Any) -> None:
        """Note that a task of a chord's header has ended, and start the chord's body if it was the last one.

        Args:
            request: The request of the task.
            state: Its final state.
            result: Its result, or its error.
            **kwargs: Not used.
        """
        if not request.group:
            return
        part = self._part_of(request)
        if part is None:
            return
        with self._counted.part(part):
            if not self._misses_others(request):
                super().on_chord_part_return(request, state, result, **kwargs)

    def _part_of(self, request: Any) -> int | str | None:
        """Return by what a task is counted: its position, or its id; None if the chord's body was started."""
        key = cast(str, self.get_key_for_chord(request.group))
        id_, index = request.id, request.group_index
        if index is None:
            return None if self.get(key) == _DONE else f"#{id_}"
        claim, lifetime = f"{key}-{index}", self._chord_lifetime or NEVER
        counter, owner = self._call(
            lambda m: combine_futures([m.get(key), m.put_if_absent(claim, id_, lifetime)])
        )
        if counter == _DONE:
            return None
        return index if owner in (None, id_) else f"#{id_}"

    def _misses_others(self, request: Any) -> bool:
        """Count a task, and return whether others of its header have not ended yet."""
        # Celery itself reads the whole group for each of its tasks, which takes long if there are thousands.
        size = request.chord.get("chord_size")
        if size is None:
            group = GroupResult.restore(request.group, backend=self)
            if group is None:
                return False
            # Celery would not look into groups of the group, each of whose tasks ends by itself.
            request.chord["chord_size"] = size = _tasks_of(group)
        key = cast(str, self.get_key_for_chord(request.group))
        if self.incr(key) >= size:
            return False
        lifetimes = {key: self._chord_lifetime}
        if hasattr(self, "_chord_result_expires"):  # from Celery 5.7 on
            for kept in (self.get_key_for_group(request.group), self.get_key_for_task(request.id)):
                lifetimes[cast(str, kept)] = self._chord_result_expires
        self._call(
            lambda m: combine_futures([m.set_ttl(each, ttl or NEVER) for each, ttl in lifetimes.items()])
        )
        return True

    @property
    def _chord_lifetime(self) -> float | None:
        """Seconds for which a counter is kept; `result_chord_expires` from Celery 5.7 on."""
        return cast("float | None", getattr(self, "chord_expires", self.expires))

    def incr(self, key: str) -> int:
        """Count the task that this thread has ended.

        Args:
            key: Key of the chord's counter.

        Returns:
            The number of tasks that have ended. 0 if this one was counted before and others after it.
        """
        part = self._counted.current
        while True:
            stored = self.get(key)
            if stored == _DONE:
                return 0
            ended = _Ended.of(stored)
            if part in ended:
                return len(ended) if ended.last == part else 0
            # What is stored next says whether this call, which may be sent twice, was carried out.
            self._change(key, stored, ended.plus(part).stored())

    def _change(self, key: str, before: str | None, after: str) -> None:
        if before is None:
            self._call(lambda m: m.put_if_absent(key, after, self._chord_lifetime or NEVER))
        else:
            self._call(lambda m: m.replace_if_same(key, before, after))


def _client_options(url: str | None, given: ClientOptions | None) -> ClientOptions:
    options = options_of_url(url) if url else {}
    return cast(ClientOptions, {"redo_operation": True, **options, **(given or {})})


def _tasks_of(result: Any) -> int:
    """Return the number of tasks of a result, which may be a group with groups in it."""
    return sum(map(_tasks_of, result.results or ())) if isinstance(result, ResultSet) else 1


class _Counted(threading.local):
    """The task of a chord's header that a thread is about to count."""

    current: int | str = 0

    @contextmanager
    def part(self, part: int | str) -> Generator[None]:
        self.current = part
        yield


class _Ended:
    """The tasks of a chord's header that have ended.

    Args:
        bits: A bit for each position in the header.
        others: Tasks whose position is unknown, by id.
        last: The task that was added last.
    """

    def __init__(self, bits: int = 0, others: Sequence[str] = (), last: int | str | None = None) -> None:
        self._bits = bits
        self._others = tuple(others)
        self.last = last

    @classmethod
    def of(cls, stored: str | None) -> _Ended:
        if stored is None:
            return cls()
        bits, others, last = json.loads(stored)
        return cls(int(bits, 16), others, last)

    def stored(self) -> str:
        return json.dumps([f"{self._bits:x}", self._others, self.last])

    def plus(self, part: int | str) -> _Ended:
        if isinstance(part, int):
            return _Ended(self._bits | 1 << part, self._others, part)
        return _Ended(self._bits, (*self._others, part), part)

    def __contains__(self, part: int | str) -> bool:
        return bool(self._bits >> part & 1) if isinstance(part, int) else part in self._others

    def __len__(self) -> int:
        return self._bits.bit_count() + len(self._others)
