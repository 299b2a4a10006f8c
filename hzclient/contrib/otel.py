"""OpenTelemetry for hzclient: a span per call, spans of listeners, and metrics (extra `otel`).

Call this before clients are created::

    from hzclient.contrib.otel import HzclientInstrumentor

    HzclientInstrumentor().instrument()

`opentelemetry-instrument python service.py` does the same without a change to the program.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from contextvars import Context, copy_context
from functools import partial
from inspect import isawaitable
from typing import Any
from weakref import WeakSet

from opentelemetry import context as contexts
from opentelemetry import metrics, propagate, trace
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor
from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, Tracer

import hzclient
from hzclient import observation
from hzclient.core import Address
from hzclient.future import Future, OperationFuture
from hzclient.lifecycle import LifecycleState
from hzclient.observation import ClientInfo

__all__ = ("HzclientInstrumentor", "processing", "with_context")

_SCOPE = "hzclient"
_SYSTEM = "hazelcast"
_BUCKETS = (0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
"""Limits of the latency histogram in seconds: the recommended ones, and below them those of fast calls."""


_tracers: list[Tracer] = []
"""That of `HzclientInstrumentor`, while it is instrumented."""


class HzclientInstrumentor(BaseInstrumentor):
    """Traces and measures all clients that are created after `instrument()` was called.

    `instrument(tracer_provider=..., meter_provider=...)` uses the given providers instead of the global ones.
    """

    _telemetry: _Telemetry | None = None

    def instrumentation_dependencies(self) -> Collection[str]:
        """Return no requirements: this module comes with the client."""
        return ()

    def _instrument(self, **kwargs: Any) -> None:
        tracer = trace.get_tracer(_SCOPE, hzclient.__version__, kwargs.get("tracer_provider"))
        meter = metrics.get_meter(_SCOPE, hzclient.__version__, kwargs.get("meter_provider"))
        self._telemetry = telemetry = _Telemetry(tracer, meter)
        _tracers.append(tracer)
        observation.install(telemetry.observe)
        _carry_context_into_callbacks()

    def _uninstrument(self, **kwargs: Any) -> None:
        del kwargs
        if self._telemetry is not None:
            self._telemetry.enabled = False
            self._telemetry = None
            _tracers.clear()
            observation.uninstall()
            _leave_callbacks_alone()


class _Telemetry:
    """What all observed clients share: the tracer and the instruments.

    Args:
        tracer: Creates spans.
        meter: Creates instruments.

    Attributes:
        enabled: False after `uninstrument()`; clients that were observed remain.
    """

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        self.enabled = True
        self.tracer = tracer
        self.duration = meter.create_histogram(
            "db.client.operation.duration",
            unit="s",
            description="Duration of calls, retries included",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        self.in_flight = meter.create_up_down_counter(
            "hzclient.calls.in_flight", unit="{call}", description="Calls that wait for a response"
        )
        self.retries = meter.create_counter(
            "hzclient.calls.retries", unit="{attempt}", description="Attempts after the first one"
        )
        self.reconnects = meter.create_counter(
            "hzclient.reconnects", unit="{connection}", description="Times a client found its cluster again"
        )
        self._observers: WeakSet[_Observer] = WeakSet()
        for name in ("hits", "misses"):
            meter.create_observable_counter(
                f"hzclient.near_cache.{name}",
                [partial(self._near_cache, name)],
                unit="{read}",
                description=f"{name.capitalize()} of near caches",
            )
        meter.create_observable_gauge(
            "hzclient.event_queue.size",
            [self._queued],
            unit="{event}",
            description="Events that wait for the callbacks of listeners",
        )

    def observe(self, info: ClientInfo) -> _Observer:
        """Return what observes a client."""
        observer = _Observer(self, info)
        self._observers.add(observer)
        return observer

    def forget(self, observer: _Observer) -> None:
        """Read no more numbers of a client."""
        self._observers.discard(observer)

    def _near_cache(self, name: str, options: CallbackOptions) -> Iterable[Observation]:
        del options
        for observer in tuple(self._observers):
            for cache, numbers in observer.info.near_caches().items():
                yield Observation(numbers[name], {**observer.attributes, "db.collection.name": cache})

    def _queued(self, options: CallbackOptions) -> Iterable[Observation]:
        del options
        for observer in tuple(self._observers):
            yield Observation(observer.info.queued_events(), observer.attributes)


class _Observer:
    """Observes one client.

    Args:
        telemetry: The tracer and the instruments.
        info: The client.

    Attributes:
        info: The client.
        attributes: Attributes of what concerns the client as a whole.
    """

    def __init__(self, telemetry: _Telemetry, info: ClientInfo) -> None:
        self.info = info
        self.attributes = {"hzclient.client.name": info.name, "db.namespace": info.cluster_name}
        self._telemetry = telemetry
        self._lost = False

    def call(self, method: str, structure: str | None) -> _Call | None:
        return _Call(self._telemetry, self.info, method, structure) if self._telemetry.enabled else None

    def listener(self, what: str, handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return _Listener(self._telemetry, what, handler)

    def changed_state(self, state: str) -> None:
        if state == LifecycleState.CONNECTED and self._lost and self._telemetry.enabled:
            self._telemetry.reconnects.add(1, self.attributes)
        self._lost = state == LifecycleState.DISCONNECTED
        if state == LifecycleState.SHUTDOWN:
            self._telemetry.forget(self)


class _Call:
    """The span and the measurements of one call.

    The span is not made the current one: the steps of a call run in various threads and contexts, and
    nothing that runs there could create a child.

    Args:
        telemetry: The tracer and the instruments.
        info: The client.
        method: Service and method.
        structure: Name of the structure, if it concerns one.
    """

    __slots__ = ("_attributes", "_common", "_span", "_started", "_telemetry")

    def __init__(self, telemetry: _Telemetry, info: ClientInfo, method: str, structure: str | None) -> None:
        self._telemetry = telemetry
        self._common: dict[str, str | int] = {
            "db.system.name": _SYSTEM,
            "db.namespace": info.cluster_name,
            "db.operation.name": method,
        }
        self._attributes = dict(self._common)
        if structure is not None:
            self._attributes["db.collection.name"] = structure
        self._span: Span = telemetry.tracer.start_span(
            method if structure is None else f"{method} {structure}",
            kind=SpanKind.CLIENT,
            attributes=self._attributes,
        )
        self._started = time.perf_counter()
        telemetry.in_flight.add(1, self._common)

    def sent(self, address: Address) -> None:
        server: dict[str, str | int] = {"server.address": address.host, "server.port": address.port}
        self._attributes.update(server)
        self._span.set_attributes(server)

    def retried(self, error: Exception, attempt: int, pause: float) -> None:
        self._telemetry.retries.add(1, self._common)
        self._span.add_event(
            "retry",
            {
                "exception.type": _name_of(error),
                "exception.message": str(error),
                "hzclient.attempt": attempt,
                "hzclient.pause": pause,
            },
        )

    def ended(self, error: BaseException | None) -> None:
        self._telemetry.in_flight.add(-1, self._common)
        if error is not None:
            self._attributes["error.type"] = _name_of(error)
            _fail(self._span, error)
        self._telemetry.duration.record(time.perf_counter() - self._started, self._attributes)
        self._span.end()


class _Listener:
    """Handles each event in a span that is linked to the one in which the listener was registered.

    Args:
        telemetry: The tracer and the instruments.
        what: What the listener is.
        handler: Handles each event.
    """

    def __init__(self, telemetry: _Telemetry, what: str, handler: Callable[[Any], Any]) -> None:
        self._telemetry = telemetry
        self._what = what
        self._handler = handler
        self._context = contexts.get_current()
        registered = trace.get_current_span().get_span_context()
        self._links = [Link(registered)] if registered.is_valid else []

    def __call__(self, event: Any) -> Any:
        if not self._telemetry.enabled:
            return self._handler(event)
        span = self._telemetry.tracer.start_span(
            f"process {self._what}",
            # A trace of its own, as for messages: a listener may live for weeks.
            context=trace.set_span_in_context(trace.INVALID_SPAN, self._context),
            kind=SpanKind.CONSUMER,
            links=self._links,
            attributes={"messaging.system": _SYSTEM, "messaging.operation.type": "process"},
        )
        token = contexts.attach(trace.set_span_in_context(span, self._context))
        try:
            result = self._handler(event)
        except BaseException as error:
            _fail(span, error)
            span.end()
            raise
        finally:
            contexts.detach(token)
        if isawaitable(result):
            return self._finish(span, result)
        span.end()
        return result

    async def _finish(self, span: Span, result: Awaitable[object]) -> object:
        with trace.use_span(span, end_on_exit=True):
            return await result


def _fail(span: Span, error: BaseException) -> None:
    span.record_exception(error)
    span.set_attribute("error.type", _name_of(error))
    span.set_status(Status(StatusCode.ERROR, str(error)))


def _name_of(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


# ------------------------------------------------------------------------------------------ callbacks


class _InContext:
    """A callback that runs in the context in which it was added. Equal to the callback, which may be removed.

    Args:
        callback: The callback.
        context: The context.
    """

    __slots__ = ("_callback", "_context")

    def __init__(self, callback: Callable[[Any], object], context: Context) -> None:
        self._callback = callback
        self._context = context

    def __call__(self, future: Any) -> object:
        return self._context.run(self._callback, future)

    def __eq__(self, other: object) -> bool:
        return other is self or other == self._callback

    def __hash__(self) -> int:
        return hash(self._callback)


def _carry_context_into_callbacks() -> None:
    """Run callbacks of futures in the context of who added them, which the client itself does not."""
    for kind in (Future, OperationFuture):
        setattr(kind, "add_done_callback", _adding(getattr(kind, "add_done_callback")))  # noqa: B009, B010


def _leave_callbacks_alone() -> None:
    for kind in (Future, OperationFuture):
        delattr(kind, "add_done_callback")


def _adding(add: Callable[..., None]) -> Callable[..., None]:
    def add_done_callback(
        self: Any, callback: Callable[[Any], object], *, context: Context | None = None
    ) -> None:
        # What the client itself adds may be other than callable, and tasks bring a context.
        if context is None and callable(callback) and trace.get_current_span().get_span_context().is_valid:
            callback = _InContext(callback, copy_context())
        add(self, callback, context=context)

    return add_done_callback


# ------------------------------------------------------------------------------------------- messages


def with_context(message: Any) -> list[Any]:
    """Return a message together with the context of the current span, for a queue or a topic.

    Messages of Hazelcast have no headers, so the context must be a part of what is sent. Whoever receives it
    opens it with `processing()`.

    Args:
        message: The message, of any type that can be serialized.

    Returns:
        A list of the context's headers (`name=value` texts) and the message.
    """
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return [[f"{name}={value}" for name, value in carrier.items()], message]


@contextmanager
def processing(received: list[Any], source: str) -> Generator[Any, None, None]:
    """Process a message that `with_context()` made, in a span that is linked to the sender's.

    The span belongs to the tracer provider that `HzclientInstrumentor` was given, or to the global one.

    Args:
        received: The list that `with_context()` returned.
        source: Name of the queue or topic that it comes from.

    Yields:
        The message.

    Raises:
        ValueError: The value was not made by `with_context()`.
    """
    carrier, message = _opened(received)
    sender = trace.get_current_span(propagate.extract(carrier)).get_span_context()
    tracer = _tracers[0] if _tracers else trace.get_tracer(_SCOPE, hzclient.__version__)
    attributes = {
        "messaging.system": _SYSTEM,
        "messaging.operation.type": "process",
        "messaging.destination.name": source,
    }
    with tracer.start_as_current_span(
        f"process {source}",
        kind=SpanKind.CONSUMER,
        links=[Link(sender)] if sender.is_valid else [],
        attributes=attributes,
    ):
        yield message


def _opened(received: Any) -> tuple[dict[str, str], Any]:
    try:
        headers, message = received
        return dict(header.split("=", 1) for header in headers), message
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(
            f"a message made by with_context() is needed, not {type(received).__name__}"
        ) from error
