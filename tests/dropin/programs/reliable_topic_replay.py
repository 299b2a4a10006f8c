"""A reliable topic with a durable listener that goes on where another stopped."""

import sys
import threading

import hazelcast
from hazelcast.proxy.reliable_topic import ReliableMessageListener


class Durable(ReliableMessageListener):
    def __init__(self, start, stop_after):
        self.start, self.stop_after = start, stop_after
        self.messages, self.sequence = [], None
        self.done, self.cancelled = threading.Event(), threading.Event()

    def on_message(self, message):
        self.messages.append(message.message)
        if len(self.messages) == self.stop_after:
            self.done.set()

    def retrieve_initial_sequence(self):
        return self.start

    def store_sequence(self, sequence):
        self.sequence = sequence

    def is_loss_tolerant(self):
        return False

    def is_terminal(self, error):
        return True

    def on_cancel(self):
        self.cancelled.set()


members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
topic = client.get_reliable_topic(prefix + "news").blocking()
print(topic)
first = Durable(-1, 3)
registration = topic.add_listener(first)
topic.publish_all(["n0", "n1", "n2"])
print(first.done.wait(20), first.messages)
print(topic.remove_listener(registration), topic.remove_listener(registration))
topic.publish("n3")
second = Durable(0, 4)
topic.add_listener(second)
print(second.done.wait(20), second.messages)
seen = []
got = threading.Event()
topic.add_listener(lambda message: (seen.append(message.message), got.set()))
topic.publish("only new")
print(got.wait(20), seen)
try:
    topic.add_listener(42)
except TypeError as error:
    print(type(error).__name__)
client.shutdown()
