"""A chat over a topic; the listener is registered without waiting, as the documentation shows it."""

import sys
import threading

import hazelcast

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
topic = client.get_topic(prefix + "chat")
print(topic)
received = []
everything = threading.Event()


def on_message(message):
    received.append(message.message)
    if len(received) == 10:
        everything.set()


registration = topic.add_listener(on_message).result()
for number in range(7):
    topic.publish(f"line {number}").result()
topic.publish_all(["line 7", "line 8", "line 9"]).result()
print(everything.wait(20), received)
print(topic.remove_listener(registration).result(), topic.remove_listener(registration).result())


def details(message):
    print(
        type(message).__name__,
        message.name.endswith("details"),
        message.message,
        type(message.publish_time).__name__,
        type(message.member).__name__,
    )
    everything.set()


everything.clear()
other = client.get_topic(prefix + "details").blocking()
other.add_listener(details)
other.publish({"a": [1, 2.5, None, True]})
print(everything.wait(20))
client.shutdown()
