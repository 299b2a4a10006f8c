# kombu has no types.
# pyright: reportPrivateImportUsage=false
"""Producers and consumers of kombu over Hazelcast, without Celery. Needs the extra `celery`.

python examples/kombu_queue.py [HOST:PORT ...]
"""

import sys
from typing import Any

from kombu import Connection, Exchange, Queue
from kombu.mixins import ConsumerMixin

from hzclient.contrib.kombu import install

install()
orders = Exchange("example-orders", type="topic")
charges = Queue("example-charges", orders, routing_key="order.paid")
archive = Queue("example-archive", orders, routing_key="order.#")


class Worker(ConsumerMixin):
    """Processes messages until it has processed as many as it expects."""

    def __init__(self, connection: Connection, expected: int) -> None:
        self.connection = connection
        self.missing = expected

    def get_consumers(self, Consumer: Any, channel: Any) -> list[Any]:
        """Return a consumer of each queue, which holds ten messages at most."""
        return [
            Consumer([charges], callbacks=[self.charge], accept=["json"], prefetch_count=10),
            Consumer([archive], callbacks=[self.keep], accept=["json"], prefetch_count=10),
        ]

    def charge(self, order: dict[str, Any], message: Any) -> None:
        """Charge an order. The first attempt fails, and the message is delivered again."""
        if not message.delivery_info.get("redelivered"):
            message.requeue()
            return
        self.end(f"charged {order['number']}", message)

    def keep(self, order: dict[str, Any], message: Any) -> None:
        """Archive an order."""
        self.end(f"archived {order['number']}", message)

    def end(self, outcome: str, message: Any) -> None:
        """Acknowledge a message. One that is never acknowledged is delivered to another worker."""
        message.ack()
        print(outcome)
        self.missing -= 1
        self.should_stop = self.missing == 0


def main() -> None:
    """Publish three orders, and process the copies of both queues."""
    url = f"hazelcast://{','.join(sys.argv[1:])}/"
    with Connection(url, transport_options={"prefix": "example", "deadline": 5}) as connection:
        for queue in (charges, archive):
            bound = queue(connection.default_channel)
            bound.declare()
            bound.purge()
        producer = connection.Producer(serializer="json")
        for number, key in enumerate(("order.paid", "order.sent", "order.paid"), 1):
            producer.publish({"number": number}, exchange=orders, routing_key=key)
        Worker(connection, expected=5).run()


if __name__ == "__main__":
    main()
