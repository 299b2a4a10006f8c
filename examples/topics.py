"""A topic, which may lose messages, and a reliable topic, which keeps the last ones.

python examples/topics.py [HOST:PORT ...]
"""

import sys
import threading

import hzclient
from hzclient.proxy.base import TopicMessage


def main() -> None:
    """Publish and listen."""
    with hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        news = client.get_topic("news").blocking()
        heard = threading.Event()

        def on_message(message: TopicMessage[str]) -> None:
            print(f"topic: {message.message}")
            heard.set()

        registration = news.add_listener(on_message)
        news.publish("only for those who listen now")
        if not heard.wait(30):
            raise TimeoutError("the message has not arrived")
        news.remove_listener(registration)

        history = client.get_reliable_topic("history").blocking()
        history.publish("published before anybody listened")
        for message in history.messages(sequence=0):  # 0: from the oldest message on
            print(f"reliable topic: {message.message}")
            break
        history.destroy()


if __name__ == "__main__":
    main()
