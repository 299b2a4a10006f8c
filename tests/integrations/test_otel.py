"""Spans and metrics of real calls, collected by the SDK's in-memory exporters."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import hzclient
import hzclient.asyncio
from hzclient import observation
from hzclient.contrib.otel import HzclientInstrumentor, processing, with_context
from hzclient.core import MemberInfo
from hzclient.errors import HazelcastError, OperationTimeoutError
from hzclient.server import LocalCluster
from hzclient.util import LoadBalancer
from tests.integration.faces import FACES, Face, Seen, unique_name
from tests.internals import async_face_of, engine_of, private

pytestmark = pytest.mark.timeout(300)


class Collected:
    """What an instrumented client reports."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.meters = MeterProvider([self.reader])
        self.tracer = self.tracers.get_tracer("test")

    def spans(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.exporter.get_finished_spans() if span.name == name]

    async def span(self, name: str) -> ReadableSpan:
        await eventually(lambda: len(self.spans(name)) > 0)
        return self.spans(name)[0]

    def points(self, name: str) -> list[Any]:
        data = self.reader.get_metrics_data()
        return [
            point
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]


async def eventually(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not fact():
            await asyncio.sleep(0.01)


@pytest.fixture
def collected() -> Iterator[Collected]:
    collected = Collected()
    HzclientInstrumentor().instrument(tracer_provider=collected.tracers, meter_provider=collected.meters)
    yield collected
    HzclientInstrumentor().uninstrument()
    collected.tracers.shutdown()
    collected.meters.shutdown()


@pytest.fixture(params=FACES)
async def seen(request: pytest.FixtureRequest, collected: Collected, hazelcast_cluster: LocalCluster) -> Any:
    """Return a face of a client that is observed."""
    options: Any = {"cluster_members": hazelcast_cluster.addresses, "near_caches": {"near-*": {}}}
    if request.param == "asyncio":
        async with hzclient.asyncio.HazelcastClient(**options) as client:
            yield Face("asyncio", client)
    else:
        with hzclient.HazelcastClient(**options) as client:
            yield Face(request.param, client)


class TestCalls:
    async def test_each_call_is_a_child_of_the_current_span(
        self, seen: Face, collected: Collected, hazelcast_cluster: LocalCluster
    ) -> None:
        orders = await seen.get("map")
        with collected.tracer.start_as_current_span("request") as parent:
            await orders.put("a", 1)
            assert await orders.get("a") == 1
        for method in ("Map.put", "Map.get"):
            (span,) = collected.spans(f"{method} {orders.name}")
            assert span.kind is SpanKind.CLIENT
            assert span.parent is not None
            assert span.parent.span_id == parent.get_span_context().span_id
            assert span.attributes is not None
            attributes = dict(span.attributes)
            server = f"{attributes.pop('server.address')}:{attributes.pop('server.port')}"
            assert server in hazelcast_cluster.addresses
            assert attributes == {
                "db.system.name": "hazelcast",
                "db.namespace": "dev",
                "db.operation.name": method,
                "db.collection.name": orders.name,
            }
            assert span.status.status_code is StatusCode.UNSET

    async def test_errors(self, seen: Face, collected: Collected) -> None:
        with pytest.raises(HazelcastError):
            await seen.result(seen.client.sql.execute("SELECT * FROM no_such_mapping"))
        await eventually(lambda: len(collected.spans("Sql.execute")) > 0)
        # The member answers with an error within a regular response, so the call itself succeeded.
        assert collected.spans("Sql.execute")[0].status.status_code is StatusCode.UNSET
        queue: Any = await seen.get("queue")
        limited = Seen(queue.target.with_timeout(0.05))
        with pytest.raises(OperationTimeoutError):
            await limited.take()
        span = await collected.span(f"Queue.take {queue.name}")
        assert span.status.status_code is StatusCode.ERROR
        assert span.attributes is not None
        assert span.attributes["error.type"] == "hzclient.errors.OperationTimeoutError"
        assert [event.name for event in span.events] == ["exception"]

    async def test_locks_of_the_map_are_seen_too(self, seen: Face, collected: Collected) -> None:
        orders = await seen.get("map")
        await orders.lock("a")
        await orders.unlock("a")
        assert collected.spans(f"Map.lock {orders.name}")
        assert collected.spans(f"Map.unlock {orders.name}")

    async def test_nothing_current_makes_a_trace_of_its_own(self, seen: Face, collected: Collected) -> None:
        numbers = await seen.get("pn_counter")
        await numbers.add_and_get(3)
        (span,) = collected.spans(f"PNCounter.add {numbers.name}")
        assert span.parent is None

    async def test_calls_of_the_client_itself_are_not_seen(self, seen: Face, collected: Collected) -> None:
        await seen.get("map")  # creates a proxy, and the client has authenticated and asks for its members
        assert collected.exporter.get_finished_spans() == ()


class TestContext:
    @pytest.mark.parametrize("method", ["add_done_callback", "continue_with"])
    def test_callbacks_of_futures_run_in_the_context_of_their_caller(
        self, collected: Collected, hazelcast_cluster: LocalCluster, method: str
    ) -> None:
        seen: list[trace.Span] = []
        called = threading.Event()

        def callback(_: object) -> None:
            seen.append(trace.get_current_span())
            called.set()

        with hzclient.HazelcastClient(cluster_members=hazelcast_cluster.addresses) as client:
            with collected.tracer.start_as_current_span("request") as parent:
                getattr(client.get_queue(unique_name("queue")).size(), method)(callback)
            assert called.wait(30)
        assert seen == [parent]

    def test_a_callback_can_be_removed(self, collected: Collected) -> None:
        from hzclient.future import Future

        seen: list[object] = []
        future: Future[int] = Future()
        with collected.tracer.start_as_current_span("request"):
            future.add_done_callback(seen.append)
        future.remove_done_callback(seen.append)
        future.set_result(1)
        assert seen == []

    async def test_events_are_processed_in_a_span_linked_to_the_registration(
        self, seen: Face, collected: Collected
    ) -> None:
        topic = await seen.get("topic")
        current: list[trace.SpanContext] = []
        with collected.tracer.start_as_current_span("request") as parent:
            await topic.add_listener(lambda _: current.append(trace.get_current_span().get_span_context()))
        await topic.publish("hello")
        await eventually(lambda: len(current) == 1)
        await eventually(
            lambda: any(s.kind is SpanKind.CONSUMER for s in collected.exporter.get_finished_spans())
        )
        (span,) = [s for s in collected.exporter.get_finished_spans() if s.kind is SpanKind.CONSUMER]
        assert span.context == current[0]
        assert [link.context for link in span.links] == [parent.get_span_context()]
        assert span.parent is None
        assert topic.name in span.name

    async def test_a_coroutine_function_keeps_its_span_and_reports_its_error(
        self, seen: Face, collected: Collected
    ) -> None:
        topic = await seen.get("topic")

        async def fail(_: object) -> None:
            await asyncio.sleep(0)
            collected.tracer.start_span("inner").end()
            raise LookupError("no")

        await topic.add_listener(fail)
        await topic.publish("hello")
        inner = await collected.span("inner")
        await eventually(
            lambda: any(s.kind is SpanKind.CONSUMER for s in collected.exporter.get_finished_spans())
        )
        (span,) = [s for s in collected.exporter.get_finished_spans() if s.kind is SpanKind.CONSUMER]
        assert inner.parent == span.context
        assert span.status.status_code is StatusCode.ERROR

    @pytest.mark.parametrize("kind", ["queue", "reliable_topic"])
    async def test_messages_carry_the_context_of_their_sender(
        self, seen: Face, collected: Collected, kind: str
    ) -> None:
        structure = await seen.get(kind)
        received: list[Any] = []
        if kind == "reliable_topic":
            await structure.add_listener(lambda message: received.append(message.message))
        with collected.tracer.start_as_current_span("request") as parent:
            await (structure.offer if kind == "queue" else structure.publish)(with_context({"id": 7}))
        if kind == "queue":
            received.append(await structure.take())
        await eventually(lambda: len(received) == 1)
        with processing(received[0], structure.name) as message:
            assert message == {"id": 7}
        (span,) = collected.spans(f"process {structure.name}")
        assert [link.context.span_id for link in span.links] == [parent.get_span_context().span_id]

    def test_messages_are_processed_with_the_global_provider(self, monkeypatch: pytest.MonkeyPatch) -> None:
        collected = Collected()
        monkeypatch.setattr(trace, "_TRACER_PROVIDER", collected.tracers)
        with processing([[], "tea"], "orders") as message:
            assert message == "tea"
        assert [span.links for span in collected.spans("process orders")] == [()]

    def test_other_messages_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"made by with_context\(\) is needed, not str"):
            with processing("x", "q"):  # type: ignore[arg-type]
                pass


class TestMetrics:
    async def test_calls_and_near_caches(self, seen: Face, collected: Collected) -> None:
        entries = await seen.get("map", unique_name("near"))
        await entries.put("a", 1)
        for _ in range(3):
            await entries.get("a")
        durations = {
            point.attributes["db.operation.name"]: point
            for point in collected.points("db.client.operation.duration")
            if point.attributes["db.collection.name"] == entries.name
        }
        assert durations["Map.put"].count == 1
        assert durations["Map.get"].count == 1
        assert 0 < durations["Map.get"].sum < 30
        assert {point.value for point in collected.points("hzclient.calls.in_flight")} == {0}
        (hits,) = collected.points("hzclient.near_cache.hits")
        (misses,) = collected.points("hzclient.near_cache.misses")
        assert (hits.value, misses.value) == (2, 1)
        assert hits.attributes["db.collection.name"] == entries.name

    async def test_calls_in_flight_and_waiting_events(self, seen: Face, collected: Collected) -> None:
        if seen.name == "blocking":
            seen = Face("future", seen.client)
        queue, topic = await seen.get("queue"), await seen.get("topic")
        entered, leave = threading.Event(), threading.Event()

        async def slow(_: object) -> None:
            entered.set()
            await asyncio.to_thread(leave.wait)

        await topic.add_listener(slow)
        taking = asyncio.ensure_future(queue.take())
        for number in range(3):
            await topic.publish(number)
        await eventually(entered.is_set)
        await eventually(lambda: [p.value for p in collected.points("hzclient.event_queue.size")] == [2])
        flying = {
            p.attributes["db.operation.name"]: p.value for p in collected.points("hzclient.calls.in_flight")
        }
        leave.set()
        await queue.put("x")
        assert await taking == "x"
        assert flying["Queue.take"] == 1

    async def test_the_numbers_of_a_closed_client_go(
        self, collected: Collected, hazelcast_cluster: LocalCluster
    ) -> None:
        async with hzclient.asyncio.HazelcastClient(cluster_members=hazelcast_cluster.addresses):
            assert len(collected.points("hzclient.event_queue.size")) == 1
        assert collected.points("hzclient.event_queue.size") == []


class First(LoadBalancer):
    """Always chooses the first member, dead or alive."""

    def init(self, cluster_service: Any) -> None:
        self._cluster = cluster_service

    def next(self) -> MemberInfo | None:
        return next(iter(self._cluster.get_members()), None)


async def test_retries_and_reconnects(collected: Collected) -> None:
    with LocalCluster(members=1) as cluster:
        async with hzclient.asyncio.HazelcastClient(cluster_members=cluster.addresses) as client:
            orders = await client.get_map("orders")
            await orders.put("a", 1)
            cluster.members[0].kill()
            reading = asyncio.ensure_future(orders.get("a"))
            await eventually(lambda: sum(p.value for p in collected.points("hzclient.calls.retries")) > 0)
            cluster.members[0].restart()
            await reading
            span = await collected.span("Map.get orders")
            retry = next(event for event in span.events if event.name == "retry")
            assert retry.attributes is not None
            assert retry.attributes["hzclient.attempt"] == 1
            assert "exception.type" in retry.attributes
            assert span.status.status_code is StatusCode.UNSET
            assert [point.value for point in collected.points("hzclient.reconnects")] == [1]


class TestSwitch:
    def test_opentelemetry_instrument_finds_it(self, tmp_path: Path) -> None:
        program = (
            "from hzclient.contrib.otel import HzclientInstrumentor\n"
            "print(HzclientInstrumentor().is_instrumented_by_opentelemetry)"
        )
        command = Path(sys.executable).with_name("opentelemetry-instrument")
        done = subprocess.run(
            [command, sys.executable, "-c", program],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert done.stdout == "True\n", done.stderr

    def test_only_one_can_observe(self, collected: Collected) -> None:
        with pytest.raises(RuntimeError, match="clients are observed already"):
            observation.install(lambda _: None)  # type: ignore[arg-type,return-value]

    def test_off_the_calls_take_the_same_path_as_ever(self, hazelcast_cluster: LocalCluster) -> None:
        from hzclient.future import Future, OperationFuture

        with hzclient.HazelcastClient(cluster_members=hazelcast_cluster.addresses) as client:
            invocations = engine_of(client).invocations
            operations: Any = async_face_of(client.get_map("off").blocking())
            assert invocations.of("off") is invocations
            assert private(operations, "_invoke") == invocations.invoke
        assert "add_done_callback" not in vars(Future)
        assert "add_done_callback" not in vars(OperationFuture)

    def test_after_uninstrument_a_client_that_was_observed_goes_on_unseen(
        self, hazelcast_cluster: LocalCluster
    ) -> None:
        collected = Collected()
        HzclientInstrumentor().instrument(tracer_provider=collected.tracers, meter_provider=collected.meters)
        with hzclient.HazelcastClient(cluster_members=hazelcast_cluster.addresses) as client:
            HzclientInstrumentor().uninstrument()
            entries = client.get_map(unique_name("map")).blocking()
            entries.put(1, 2)
            assert entries.get(1) == 2
        assert collected.exporter.get_finished_spans() == ()
        collected.meters.shutdown()
