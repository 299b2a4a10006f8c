"""Workers in threads share a queue of orders; a poison pill ends each of them."""

import sys
import threading

import hazelcast

STOP = "stop"
WORKERS = 4

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
orders = client.get_queue(prefix + "orders").blocking()
done = client.get_list(prefix + "done").blocking()
print(orders)


def work():
    while True:
        order = orders.take()
        if order == STOP:
            return
        done.add((order["id"], order["count"] * order["price"]))


threads = [threading.Thread(target=work) for _ in range(WORKERS)]
for thread in threads:
    thread.start()
for number in range(50):
    orders.put({"id": number, "count": number % 5 + 1, "price": 2.5})
for _ in threads:
    orders.put(STOP)
for thread in threads:
    thread.join()

results = sorted(done.get_all())
print(len(results), results[0], results[-1])
print("turnover", sum(total for _, total in results))
print("left", orders.size(), orders.is_empty(), orders.peek(), orders.poll(0.01))
print(orders.add_all(["a", "b", "c"]), orders.contains("b"), orders.contains_all(["a", "z"]))
drained = []
print(orders.drain_to(drained, 2), drained, orders.iterator())
print(orders.remove("c"), orders.remove("c"), orders.offer("d", 1.0), orders.retain_all(["x"]), orders.size())
client.shutdown()
