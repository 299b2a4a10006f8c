"""Spans on the console, and metrics for Prometheus. Needs the extra `otel`.

pip install opentelemetry-exporter-prometheus opentelemetry-sdk
python examples/opentelemetry_console.py [HOST:PORT ...]
"""

import sys
import urllib.request

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from prometheus_client import start_http_server

import hzclient
from hzclient.contrib.otel import HzclientInstrumentor, processing, with_context


def line(span: ReadableSpan) -> str:
    """Return a line for a span."""
    parent = "child" if span.parent else "root"
    return f"{span.name}: {span.kind.name}, {parent}, {len(span.links)} links\n"


def main() -> None:
    """Trace a producer and a consumer, and print what Prometheus would get."""
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(formatter=line)))
    meters = MeterProvider([PrometheusMetricReader()])
    HzclientInstrumentor().instrument(tracer_provider=tracers, meter_provider=meters)

    with hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        orders = client.get_queue("traced-orders").blocking()
        with tracers.get_tracer("shop").start_as_current_span("POST /orders"):
            orders.offer(with_context("3 apples"))
        with processing(orders.take(), "traced-orders") as message:
            print("the order:", message)

    server, thread = start_http_server(0, "127.0.0.1")
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/metrics") as response:
        for text in response.read().decode().splitlines():
            if text.startswith("db_client_operation_duration_seconds_count") and "traced-orders" in text:
                print("calls:", text.rpartition(" ")[2])
    server.shutdown()
    server.server_close()
    thread.join()
    HzclientInstrumentor().uninstrument()
    meters.shutdown()


if __name__ == "__main__":
    main()
