"""kombu's own integration tests of transports pass, and what they do not test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kombu
import pytest

from hzclient.contrib._shared import close_shared_clients
from hzclient.contrib.kombu import install
from hzclient.contrib.kombu._store import MessageStore
from hzclient.server import LocalCluster
from tests.integration.faces import unique_name
from tests.integration.operations.scripts import ROOT
from tests.integrations.sdists import source_of
from tests.integrations.suites import Suite
from tests.internals import private

PASSED = 30

install()


def test_its_own_suite_passes(hazelcast_cluster: LocalCluster) -> None:
    suite = Path(__file__).with_name("kombu_suite.py")
    environment = {"SUITE": str(source_of("kombu")), "PYTHONPATH": str(ROOT)}
    arguments = ("--noconftest", str(suite))
    Suite(hazelcast_cluster, suite.parent, *arguments, environment=environment).check(PASSED, timeout=250)


Connect = Callable[..., kombu.Connection]


@pytest.fixture
def connect(hazelcast_cluster: LocalCluster) -> Iterator[Connect]:
    """Yield a function that opens connections to the same queues."""
    opened: list[kombu.Connection] = []
    prefix = unique_name("kombu")

    def make(**options: Any) -> kombu.Connection:
        url = f"hazelcast://{','.join(hazelcast_cluster.addresses)}/"
        opened.append(kombu.Connection(url, transport_options={"prefix": prefix, "deadline": 20, **options}))
        return opened[-1]

    yield make
    for connection in opened:
        connection.release()
    close_shared_clients()


def store_of(connection: kombu.Connection) -> MessageStore:
    """Return the messages of a connection."""
    store: MessageStore = connection.default_channel.store
    return store


def next_message(connection: kombu.Connection, name: str, timeout: float = 20) -> Any:
    """Return the next message of a queue, and cancel the consumer."""
    queue = connection.SimpleQueue(name)
    message = queue.get(timeout=timeout)
    queue.consumer.cancel()
    return message


def test_a_message_whose_consumer_is_gone_is_delivered_again(connect: Connect) -> None:
    gone, other = connect(visibility_timeout=0.5), connect(visibility_timeout=0.5)
    gone.SimpleQueue("q").put("content")
    taken = store_of(gone).take("q", 0)  # as by a consumer that is killed then
    assert taken is not None
    assert not taken.again
    message = next_message(other, "q")
    assert message.payload == "content"
    assert message.headers["redelivered"]
    message.ack()
    store = store_of(other)
    assert store.take("q", 0) is None
    assert store.restore_expired() == store.restore_unhinted("q") == 0


def test_a_hint_that_was_lost_is_offered_again(connect: Connect) -> None:
    """A consumer was killed between its poll and its claim."""
    connection = connect(visibility_timeout=0.4)
    connection.SimpleQueue("q").put("content")
    store = store_of(connection)
    assert private(store, "_structures").hints("q", 0).poll().result() is not None
    assert store.size("q") == 0
    message = next_message(connection, "q")
    assert message.payload == "content"
    message.ack()


def test_two_hints_of_a_message_deliver_it_once(connect: Connect) -> None:
    connection = connect()
    connection.SimpleQueue("q").put("content")
    store = store_of(connection)
    hints = private(store, "_structures").hints("q", 0)
    hint = hints.peek().result()
    assert hint is not None
    hints.offer(hint).result()
    taken = store.take("q", 0)
    assert taken is not None
    assert store.take("q", 0) is None
    store.put_back(taken.key, taken.until)
    store.put_back(taken.key, taken.until)  # of somebody whose lease was over: it has no effect
    assert store.size("q") == 1
    hints.offer(hint).result()  # of the first delivery
    again = store.take("q", 0)
    assert again is not None
    assert again.again
    assert store.take("q", 0) is None
    assert store.renew({again.key: again.until, "q/0/other": -1}).keys() == {again.key}
    store.delete(again.key)
    assert store.renew({again.key: again.until}) == {}


def test_a_consumer_that_lives_keeps_its_messages(connect: Connect) -> None:
    connection = connect(visibility_timeout=1.5)
    queue = connection.SimpleQueue("q")
    queue.put("content")
    message = queue.get(timeout=20)
    store = store_of(connection)
    states = private(store, "_structures").states
    first = states.get(message.delivery_tag).result()
    assert first is not None
    ends = time.monotonic() + 20
    # Until it ends a whole lease later.
    while (states.get(message.delivery_tag).result() or 0) > first - 1_500_000:
        assert time.monotonic() < ends
        time.sleep(0.05)
    assert store.take("q", 0) is None
    message.ack()
    assert states.size().result() == 0


def test_purge_and_delete(connect: Connect) -> None:
    connection = connect()
    queue = connection.SimpleQueue("q")
    for number in range(5):
        queue.put(number, priority=number)
    assert queue.qsize() == 5
    held = queue.get(timeout=20)
    assert queue.clear() == 4
    assert queue.qsize() == 0
    held.requeue()
    assert queue.qsize() == 1
    channel = connection.default_channel
    assert channel.queue_declare("q", passive=True).message_count == 1
    channel.queue_delete("q")
    with pytest.raises(kombu.exceptions.ChannelError, match="no queue 'q'"):
        channel.queue_declare("q", passive=True)
    assert private(store_of(connection), "_structures").states.size().result() == 0
    assert private(store_of(connection), "_structures").contents.size().result() == 0


def test_a_queue_whose_consumer_is_gone_expires(connect: Connect) -> None:
    """As a queue of events or of replies, whose owner was killed: nothing is stored for it for ever."""
    publisher, consumer = connect(), connect()
    exchange = kombu.Exchange("events", type="topic")
    queue = kombu.Queue("q", exchange, routing_key="#", expires=0.3)
    queue(consumer.default_channel).declare()
    producer = kombu.Producer(publisher, exchange=exchange)
    producer.publish({"n": 1}, routing_key="a.b")
    store = store_of(publisher)
    states = private(store, "_structures").states
    ends = time.monotonic() + 20
    while store.bindings("events"):
        assert time.monotonic() < ends
        producer.publish({"n": 2}, routing_key="a.b")
    assert states.size().result() == 0


def test_fan_out_reaches_all_connections(connect: Connect) -> None:
    exchange = kombu.Exchange("all", type="fanout")
    received: list[tuple[int, Any]] = []
    consumers = []
    for number in range(2):
        connection = connect()
        consumer = kombu.Consumer(
            connection,
            [kombu.Queue(f"q{number}", exchange)],
            callbacks=[lambda body, message, number=number: received.append((number, body))],
            no_ack=True,
        )
        consumer.consume()
        consumers.append(connection)
    kombu.Producer(connect(), exchange=exchange).publish("news")
    for connection in consumers:
        connection.drain_events(timeout=20)
    assert received == [(0, "news"), (1, "news")]


@pytest.mark.parametrize(
    ("url", "options", "error"),
    [
        ("hazelcast://a:5701/db", {}, "has no path: write [?]cluster_name=db"),
        ("hazelcast://a:port/", {}, "a name and a port, as in member2:5701, not 'a:port'"),
        ("hazelcast://a/?colour=red", {}, "'colour' is no option of a hazelcast URL"),
        ("hazelcast://a/?ssl_enabled=1", {}, "ssl_enabled must be true or false, not '1'"),
        (
            "hazelcast://a/",
            {"visibility": 3},
            "unknown transport_options of the hazelcast transport: visibility",
        ),
        ("hazelcast://a/", {"visibility_timeout": 0}, "visibility_timeout must be more than 0 seconds"),
        ("hazelcast://a/", {"priority_steps": []}, "priority_steps must have at least one priority"),
    ],
)
def test_wrong_urls_and_options(url: str, options: dict[str, Any], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        kombu.Connection(url, transport_options=options).transport  # noqa: B018


def test_passwords_are_not_shown() -> None:
    connection = kombu.Connection("hazelcast://ann:secret@a:5701,b:5702/?cluster_name=c")
    assert connection.as_uri() == "hazelcast://ann:**@a:5701,b:5702/?cluster_name=c"
    assert "secret" in connection.as_uri(include_password=True)
